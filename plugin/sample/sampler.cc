#include "sample/sampler.h"

#include <algorithm>

namespace cpi {
namespace {

using tl::make_unexpected;

// On a CPU where the cgroup ran but its counters did not, nothing is known. A
// loss this small cannot move the CPI by more than the counters' own noise; a
// larger one would make it the CPI of a part of the CPUs.
constexpr double kToleratedLoss = 0.01;

// What a CPU can do in one second of its time. The bounds are wide on purpose:
// they catch virtual PMUs that count nonsense (395 instructions, 10^18), not
// unusual code. A clock above 10 GHz or below 10 MHz, more than 16
// instructions a cycle or fewer than one per 10,000 cycles does not exist.
constexpr double kMaxHertz = 1e10;
constexpr double kMinHertz = 1e7;
constexpr double kMaxInstructionsPerCycle = 16;
constexpr double kMaxCyclesPerInstruction = 1e4;

// Wait below this share of the window is not worth a cause; quota and steal
// explain a wait when they account for at least half of it.
constexpr double kNotableWait = 0.01;
constexpr double kExplains = 0.5;

// CPU time from which on even small counts must make sense.
constexpr Duration kJudgeable = std::chrono::milliseconds(10);

// The counters cannot have been enabled for longer than the window on every
// CPU. Reads of many CPUs take time, hence the slack.
constexpr double kEnabledSlack = 1.1;

// The raw difference of two readings, scaled, before anything is judged.
struct Difference {
  Counted counted;
  Duration lost{};  // enabled time of CPUs on which nothing was counted
  std::size_t cpus = 0;
};

bool plausible(const Counted& counted) {
  const double hertz = counted.cycles / to_seconds(counted.enabled);
  const double cpi = counted.cpi();
  return hertz >= kMinHertz && hertz <= kMaxHertz &&
         cpi >= 1 / kMaxInstructionsPerCycle && cpi <= kMaxCyclesPerInstruction;
}

// Whether `now` continues the counts of `before`.
bool continues(const GroupCount& before, const GroupCount& now) {
  return before.cpu == now.cpu && before.cycles <= now.cycles &&
         before.instructions <= now.instructions &&
         before.enabled <= now.enabled && before.running <= now.running;
}

// Absent where the two are not of the same counters. One pass: a service of a
// large host has hundreds of counts.
std::optional<Difference> subtract(const Reading& before, const Reading& now) {
  const bool same =
      before.epoch == now.epoch && before.counts.size() == now.counts.size();
  if (!same) return std::nullopt;
  Difference result;
  Counted& counted = result.counted;
  Duration running{};
  for (std::size_t i = 0; i < now.counts.size(); ++i) {
    const GroupCount& b = before.counts[i];
    const GroupCount& n = now.counts[i];
    if (!continues(b, n)) return std::nullopt;
    const Duration cpu_enabled = n.enabled - b.enabled;
    const Duration cpu_running = n.running - b.running;
    counted.enabled += cpu_enabled;
    if (cpu_running.count() == 0) {
      result.lost += cpu_enabled;
      continue;
    }
    running += cpu_running;
    // Subtract first, then scale by this window's own ratio: the ratio since
    // the counters were opened belongs to other windows.
    const double scale =
        std::max(1.0, to_seconds(cpu_enabled) / to_seconds(cpu_running));
    counted.cycles += scale * static_cast<double>(n.cycles - b.cycles);
    counted.instructions +=
        scale * static_cast<double>(n.instructions - b.instructions);
  }
  if (counted.enabled.count() > 0) {
    counted.running_ratio =
        std::min(1.0, to_seconds(running) / to_seconds(counted.enabled));
  }
  result.cpus = now.counts.size();
  return result;
}

// The first reason not to trust these counts, if there is one.
std::optional<Withheld> object(const SamplerConfig& config,
                               const Difference& difference, Duration window) {
  const Counted& counted = difference.counted;
  const double enabled = to_seconds(counted.enabled);
  const double possible =
      to_seconds(window) * static_cast<double>(difference.cpus);
  if (counted.running_ratio == 0) return Withheld::not_scheduled;
  if (enabled > kEnabledSlack * possible + to_seconds(kJudgeable)) {
    return Withheld::implausible;
  }
  if (counted.running_ratio < config.min_running_ratio) {
    return Withheld::running_ratio_too_low;
  }
  if (to_seconds(difference.lost) > kToleratedLoss * enabled) {
    return Withheld::not_scheduled;
  }
  const bool few =
      counted.instructions < static_cast<double>(config.min_instructions);
  if ((!few || counted.enabled >= kJudgeable) && !plausible(counted)) {
    return Withheld::implausible;
  }
  if (few) return Withheld::too_few_instructions;
  return std::nullopt;
}

// now − before where both are known and time did not run backwards.
std::optional<Duration> difference_of(const std::optional<Duration>& before,
                                      const std::optional<Duration>& now) {
  if (!before || !now || *now < *before) return std::nullopt;
  return *now - *before;
}

// Share of the host's CPU time that the hypervisor gave to others.
double stolen_share(const HostReading& before, const HostReading& now) {
  const auto stolen = difference_of(before.steal, now.steal);
  const double possible = to_seconds(now.time - before.time) * now.online_cpus;
  return stolen && possible > 0 ? to_seconds(*stolen) / possible : 0;
}

WaitCause cause_of(const Sample& sample, double stolen) {
  if (!sample.cpu_wait || *sample.cpu_wait < kNotableWait) {
    return WaitCause::none;
  }
  const double explainable = kExplains * std::min(*sample.cpu_wait, 1.0);
  if (sample.throttled && *sample.throttled >= explainable) {
    return WaitCause::limit;
  }
  return stolen >= explainable ? WaitCause::steal : WaitCause::contention;
}

}  // namespace

Subtraction subtract_counts(const SamplerConfig& config, const Reading& before,
                            const Reading& now) {
  if (now.counts.empty() || before.counts.empty()) {
    return {make_unexpected(Withheld::not_counted), std::nullopt};
  }
  const auto difference = subtract(before, now);
  if (!difference) {
    return {make_unexpected(Withheld::counters_reopened), std::nullopt};
  }
  if (difference->counted.enabled.count() == 0) {
    return {make_unexpected(Withheld::idle), std::nullopt};
  }
  const auto objection = object(config, *difference, now.time - before.time);
  const double ratio = difference->counted.running_ratio;
  if (objection) return {make_unexpected(*objection), ratio};
  return {difference->counted, ratio};
}

tl::expected<Sample, NoSample> make_sample(const SamplerConfig& config,
                                           const HostReading& host_before,
                                           const Reading& before,
                                           const HostReading& host_now,
                                           const Reading& now) {
  if (!(before.cgroup == now.cgroup)) {
    return make_unexpected(NoSample::cgroup_replaced);
  }
  if (host_before.online_cpus != host_now.online_cpus) {
    return make_unexpected(NoSample::cpu_count_changed);
  }
  const double window = to_seconds(now.time - before.time);
  if (window <= 0) return make_unexpected(NoSample::no_time_passed);

  Sample sample;
  sample.cgroup = now.cgroup;
  sample.begin = before.time;
  sample.end = now.time;
  sample.executable = now.executable;
  if (const auto used = difference_of(before.cpu_time, now.cpu_time)) {
    sample.cpus = to_seconds(*used) / window;
    sample.cpu_usage = *sample.cpus / std::max(1, host_now.online_cpus);
  }
  Subtraction subtraction = subtract_counts(config, before, now);
  sample.counted = subtraction.counted;
  sample.running_ratio = subtraction.running_ratio;
  if (const auto held = difference_of(before.throttled, now.throttled)) {
    sample.throttled = std::min(1.0, to_seconds(*held) / window);
  }
  if (before.wait_source == now.wait_source) {
    if (const auto waited = difference_of(before.waited, now.waited)) {
      sample.cpu_wait = to_seconds(*waited) / window;
      sample.wait_source = now.wait_source;
    }
  }
  sample.wait_cause = cause_of(sample, stolen_share(host_before, host_now));
  return sample;
}

const Samples& Sampler::update(const Readings& readings) {
  samples_.services.clear();
  samples_.batch.clear();
  samples_.rejected.clear();
  update(readings.services, readings.host, services_, samples_.services);
  update(readings.batch, readings.host, batch_, samples_.batch);
  host_ = readings.host;
  return samples_;
}

void Sampler::update(const std::vector<WorkloadReading>& readings,
                     const HostReading& host, Last& last,
                     std::vector<Sample>& samples) {
  ++round_;
  for (const auto& [workload, reading] : readings) {
    auto [entry, first] = last.try_emplace(reading.cgroup.path);
    Remembered& memory = entry->second;
    if (first) {
      samples_.rejected.push_back(
          {workload, reading.cgroup, NoSample::first_reading});
    } else if (auto sample =
                   make_sample(config_, host_, memory.reading, host, reading)) {
      sample->workload = workload;
      samples.push_back(*std::move(sample));
    } else {
      samples_.rejected.push_back({workload, reading.cgroup, sample.error()});
    }
    memory.reading = reading;
    memory.round = round_;
  }
  std::erase_if(
      last, [this](const auto& entry) { return entry.second.round != round_; });
}

}  // namespace cpi
