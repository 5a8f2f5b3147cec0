#include "service/limits.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

constexpr double kOver = 1.05;
constexpr double kMemoryBand = 0.05;
constexpr double kFailuresBand = 0.9;
constexpr int kPatience = 3;
constexpr Duration kKillQuiet = std::chrono::minutes(10);
constexpr Duration kUnmeasured = std::chrono::hours(1);
constexpr Duration kUnitMemory = std::chrono::hours(1);

constexpr std::array<std::string_view, kLimits> kNames = {
    "cpu",          "memory",  "oom",        "restarts",
    "success_rate", "traffic", "gpu_memory", "gpu_utilization"};

}  // namespace

std::string_view to_string(Limit limit) {
  return kNames[static_cast<std::size_t>(limit)];
}

std::optional<Limit> limit_named(std::string_view name) {
  for (std::size_t i = 0; i < kLimits; ++i) {
    if (kNames[i] == name) return static_cast<Limit>(i);
  }
  return std::nullopt;
}

Limits::Limits(const Declaration& declared)
    : declared_(declared),
      idle_(declared == Declaration{}),
      traffic_(static_cast<double>(declared.min_requests)) {}

void Limits::cpus(double cpus, const std::string& cgroup) {
  if (!declared_.cpu || (cpus_ && cpus_->value >= cpus)) return;
  cpus_ = Worst{cpus, *declared_.cpu, cgroup};
}

void Limits::resources(const ResourceReading& reading, Duration since_boot,
                       bool first) {
  const auto limit = std::min(declared_.memory.value_or(UINT64_MAX),
                              reading.memory_limit.value_or(UINT64_MAX));
  if (reading.memory && limit != UINT64_MAX) {
    const Worst worst{static_cast<double>(*reading.memory),
                      static_cast<double>(limit), reading.cgroup.path};
    const bool worse = !memory_ || worst.value / worst.threshold >
                                       memory_->value / memory_->threshold;
    if (worse) memory_ = worst;
  }
  count_kills(reading, since_boot, first);
  if (!declared_.restarts) return;
  auto& unit = units_[reading.unit];
  const bool known = unit.has_value();
  const UnitState before = unit.value_or(UnitState{});
  for (const Duration restart : observe_unit(unit, reading.mains, since_boot)) {
    restarts_.push_back(restart);
  }
  if (!known || !(before == *unit)) ++version_;
}

void Limits::count_kills(const ResourceReading& reading, Duration since_boot,
                         bool first) {
  if (!reading.oom_kills) return;
  const auto [known, is_new] = kills_.try_emplace(reading.unit);
  LimitsState::Kills& kills = known->second;
  const LimitsState::Kills now{reading.oom_cgroup, *reading.oom_kills};
  if (!is_new && kills == now) return;
  // A new cgroup counts from its beginning. What was there before this agent
  // was is no news.
  std::uint64_t before = kills.cgroup == now.cgroup ? kills.count : 0;
  if (is_new && first) before = now.count;
  kills = now;
  ++version_;
  if (now.count <= before) return;
  kills_now_ += static_cast<double>(now.count - before);
  killed_ = since_boot;
  killed_cgroup_ = reading.cgroup.path;
}

void Limits::metric(ServiceMetric which, const MetricValue& value) {
  switch (which) {
    case ServiceMetric::requests:
      traffic_.requests(value);
      traffic_new_ = true;
      return;
    case ServiceMetric::failures:
      traffic_.failures(value);
      traffic_new_ = true;
      return;
    case ServiceMetric::gpu_memory:
      if (!std::isfinite(value.value) || value.value < 0) return;
      gpu_memory_ = value.value;
      gpu_new_ = true;
      return;
    case ServiceMetric::gpu_utilization:
      break;
  }
  constexpr double kPercent = 100;
  if (!(value.value >= 0 && value.value <= kPercent)) return;
  const double share = value.value / kPercent;
  const double seconds =
      gpu_time_ ? std::max(0.0, to_seconds(value.time - *gpu_time_)) : 0;
  const double weight =
      1 - std::exp(-seconds / to_seconds(EventCount::kWindow));
  const double mean = gpu_utilization_.value_or(share);
  gpu_utilization_ = mean + (share - mean) * weight;
  gpu_time_ = value.time;
  gpu_new_ = true;
}

void Limits::judge(Instant now, Duration since_boot,
                   std::vector<LimitChange>& changes) {
  if (idle_) return;
  judge_use(now, changes);
  judge_events(now, since_boot, changes);
  if (traffic_new_) judge_traffic(now, changes);
  give_up(now, changes);
  cpus_.reset();
  memory_.reset();
  gpu_new_ = traffic_new_ = false;
}

void Limits::judge_use(Instant now, std::vector<LimitChange>& changes) {
  if (cpus_) {
    const auto& [cpus, declared, cgroup] = *cpus_;
    apply({Limit::cpu, cpus, declared, cpus > declared * kOver,
           cpus <= declared, kPatience, kPatience, cgroup},
          now, changes);
  }
  const double warning = declared_.memory_warning.value_or(kMemoryWarning);
  const auto judge_memory = [&](Limit limit, const Worst& use) {
    const double share = use.value / use.threshold;
    apply({limit, use.value, use.threshold, share >= warning,
           share < warning - kMemoryBand, 1, kPatience, use.cgroup},
          now, changes);
  };
  if (memory_) judge_memory(Limit::memory, *memory_);
  if (!gpu_new_) return;
  if (gpu_memory_ && declared_.gpu_memory) {
    judge_memory(
        Limit::gpu_memory,
        {*gpu_memory_, static_cast<double>(*declared_.gpu_memory), ""});
  }
  if (gpu_utilization_ && declared_.gpu_utilization) {
    const double declared = *declared_.gpu_utilization;
    apply({Limit::gpu_utilization, *gpu_utilization_, declared,
           *gpu_utilization_ > declared * kOver, *gpu_utilization_ <= declared,
           kPatience, kPatience},
          now, changes);
  }
}

void Limits::judge_events(Instant now, Duration since_boot,
                          std::vector<LimitChange>& changes) {
  // After a restart of the agent only that it was crossed is known.
  if (crossed(Limit::oom) && !killed_) killed_ = since_boot;
  if (killed_) {
    const bool quiet = since_boot - *killed_ >= kKillQuiet;
    apply({Limit::oom, kills_now_, 0, kills_now_ > 0, quiet, 1, 1,
           killed_cgroup_},
          now, changes);
    kills_now_ = 0;
    if (quiet) killed_.reset();
  }
  if (!declared_.restarts) return;
  const auto& [most, within] = *declared_.restarts;
  while (!restarts_.empty() && since_boot - restarts_.front() > within) {
    restarts_.pop_front();
    ++version_;
  }
  const auto count = static_cast<double>(restarts_.size());
  apply({Limit::restarts, count, static_cast<double>(most),
         restarts_.size() >= most, restarts_.empty()},
        now, changes);
  const Duration memory = std::max(within, kUnitMemory);
  std::erase_if(units_, [&](const auto& unit) {
    return !unit.second || since_boot - unit.second->seen > memory;
  });
}

void Limits::judge_traffic(Instant now, std::vector<LimitChange>& changes) {
  if (const auto rate = traffic_.success_rate();
      rate && declared_.success_rate) {
    const double wanted = *declared_.success_rate;
    apply({Limit::success_rate, *rate, wanted, *rate < wanted,
           1 - *rate <= (1 - wanted) * kFailuresBand},
          now, changes);
  }
  if (const auto gone = traffic_.gone()) {
    apply({Limit::traffic, traffic_.rate().value_or(0), traffic_.usual(), *gone,
           !*gone},
          now, changes);
  }
}

void Limits::apply(Verdict verdict, Instant now,
                   std::vector<LimitChange>& changes) {
  Status& status = status_[static_cast<std::size_t>(verdict.limit)];
  status.judged = now;
  const bool towards_change = status.crossed ? verdict.under : verdict.over;
  status.streak = towards_change ? status.streak + 1 : 0;
  const int patience =
      status.crossed ? verdict.patience_under : verdict.patience_over;
  if (status.streak < patience) return;
  status.crossed = !status.crossed;
  status.streak = 0;
  ++version_;
  changes.push_back({verdict.limit, status.crossed, false, verdict.value,
                     verdict.threshold, std::move(verdict.cgroup)});
}

void Limits::give_up(Instant now, std::vector<LimitChange>& changes) {
  for (std::size_t i = 0; i < kLimits; ++i) {
    Status& status = status_[i];
    if (!status.crossed) continue;
    if (!status.judged) status.judged = now;  // crossed before this agent was
    if (now - *status.judged < kUnmeasured) continue;
    status = {};
    ++version_;
    changes.push_back({static_cast<Limit>(i), false, true});
  }
}

LimitsState Limits::state() const {
  LimitsState state;
  for (std::size_t i = 0; i < kLimits; ++i) {
    if (status_[i].crossed) state.crossed.push_back(static_cast<Limit>(i));
  }
  for (const auto& [path, unit] : units_) {
    if (unit) state.units.emplace(path, *unit);
  }
  state.kills = kills_;
  state.restarts.assign(restarts_.begin(), restarts_.end());
  state.traffic = traffic_.state();
  return state;
}

void Limits::restore(const LimitsState& state, bool same_boot) {
  for (const Limit limit : state.crossed) {
    status_[static_cast<std::size_t>(limit)].crossed = true;
  }
  traffic_.restore(state.traffic);
  if (!same_boot) return;
  for (const auto& [path, unit] : state.units) units_.emplace(path, unit);
  kills_ = state.kills;
  restarts_.assign(state.restarts.begin(), state.restarts.end());
}

}  // namespace cpi
