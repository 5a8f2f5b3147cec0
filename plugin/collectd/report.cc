#include "collectd/report.h"

#include <algorithm>

#include "collectd/identifier.h"

namespace cpi {
namespace {

using Number = std::optional<double>;

// One gauge of a series: publishing another is adding a row.
struct Row {
  bool ReportConfig::*wanted;
  bool for_batch;
  std::string_view type;
  std::string_view type_instance;
  Number (*of)(const Combined&);
};

template <double (Counted::*kRatio)() const>
Number counted(const Combined& combined) {
  return combined.counted ? Number((*combined.counted.*kRatio)()) : Number();
}

template <std::optional<double> Combined::*kMember>
Number measured(const Combined& combined) {
  return combined.*kMember;
}

// Readings of many CPUs take time, and the type ends at 100.
Number percent(const Combined& combined) {
  const Number& usage = combined.cpu_usage;
  return usage ? Number(std::min(100.0, *usage * 100)) : Number();
}

constexpr Row kRows[] = {
    {&ReportConfig::cpi, true, "gauge", "cpi", counted<&Counted::cpi>},
    {&ReportConfig::ns_per_instruction, true, "gauge", "ns_per_instruction",
     counted<&Counted::ns_per_instruction>},
    {&ReportConfig::effective_ghz, true, "gauge", "effective_ghz",
     counted<&Counted::effective_ghz>},
    {&ReportConfig::running_ratio, true, "gauge", "running_ratio",
     measured<&Combined::running_ratio>},
    {&ReportConfig::cpu_usage, true, "percent", "cpu_usage", percent},
    {&ReportConfig::cpu_wait, false, "gauge", "cpu_wait",
     measured<&Combined::cpu_wait>},
    {&ReportConfig::throttled, false, "gauge", "throttled",
     measured<&Combined::throttled>},
};

using Judgements = std::vector<const Judgement*>;

// The score of the replica that deviates most; null where none has one.
const Score* worst(const Judgements& judgements, Signal signal) {
  const Score* found = nullptr;
  for (const Judgement* judgement : judgements) {
    const auto& finding = judgement->findings[static_cast<int>(signal)];
    if (!finding || finding->score.basis == Basis::none) continue;
    if (!found || finding->score.deviation > found->deviation) {
      found = &finding->score;
    }
  }
  return found;
}

bool is_anomaly(const Finding& finding) { return finding.score.anomaly; }

bool has_incident(const Finding& finding) {
  return finding.incident && finding.change != Change::recovered;
}

// 1 where it holds for any signal of any replica.
double any(const Judgements& judgements, bool (*holds)(const Finding&)) {
  for (const Judgement* judgement : judgements) {
    for (const auto& finding : judgement->findings) {
      if (finding && holds(*finding)) return 1;
    }
  }
  return 0;
}

}  // namespace

Report::Report(const Config& config)
    : config_(config.report),
      act_(config.policy.act),
      count_time_(config.counters.count_time) {
  for (const ServiceConfig& service : config.services) {
    services_[service.name].instance = identifier("service_" + service.name);
  }
  for (const BatchConfig& batch : config.batch) {
    batch_[batch.name].instance = identifier("batch_" + batch.name);
  }
}

std::span<const Value> Report::values(const Tick& tick,
                                      const HostStatus& host) {
  values_.clear();
  gather(tick);
  publish(services_, false);
  publish(replicas_, false);
  if (config_.batch) {
    publish(batch_, true);
    publish(throttled_, true);
  }
  if (config_.host) publish(host, tick);
  return values_;
}

void Report::gather(const Tick& tick) {
  const Samples& samples = *tick.samples;
  for (SeriesMap* map : {&services_, &replicas_, &batch_, &throttled_}) {
    for (auto& [name, series] : *map) {
      series.samples.clear();
      series.judgements.clear();
      series.suspicion.reset();
      series.quota_cores.reset();
    }
  }
  for (std::size_t i = 0; i < samples.services.size(); ++i) {
    const Sample& sample = samples.services[i];
    const Judgement* judgement =
        tick.judgements ? &(*tick.judgements)[i] : nullptr;
    const auto add = [&](Series& series) {
      series.samples.push_back(&sample);
      if (judgement) series.judgements.push_back(judgement);
    };
    add(services_[sample.workload]);
    if (!config_.replicas) continue;
    const std::string& path = sample.cgroup.path;
    Series& replica = replicas_[sample.workload + "@" + path];
    if (replica.instance.empty()) {
      replica.instance =
          identifier("service_" + sample.workload + "@" + short_id(path));
    }
    add(replica);
  }
  gather_batch(tick);
  // A replica that is gone does not come back under this path as the same.
  for (SeriesMap* map : {&replicas_, &throttled_}) {
    std::erase_if(
        *map, [](const auto& entry) { return entry.second.samples.empty(); });
  }
}

void Report::gather_batch(const Tick& tick) {
  for (const Sample& sample : tick.samples->batch) {
    Series& block = batch_[sample.workload];
    block.samples.push_back(&sample);
    const Throttle* throttle = throttle_of(tick, sample.cgroup);
    if (!throttle) continue;
    const std::string& path = sample.cgroup.path;
    Series& container = throttled_[sample.workload + "@" + path];
    if (container.instance.empty()) {
      container.instance =
          identifier("batch_" + sample.workload + "@" + short_id(path));
    }
    container.samples.push_back(&sample);
    container.quota_cores = static_cast<double>(throttle->quota) / 1000;
    block.quota_cores = block.quota_cores.value_or(0) + *container.quota_cores;
  }
  if (!tick.suspects) return;
  for (const Suspect& suspect : *tick.suspects) {
    auto& suspicion = batch_[suspect.workload].suspicion;
    suspicion = std::max(suspicion.value_or(-1), suspect.correlation);
  }
}

// In a dry run nothing is in force.
const Throttle* Report::throttle_of(const Tick& tick,
                                    const CgroupId& cgroup) const {
  if (!act_ || !tick.policy) return nullptr;
  return tick.policy->throttles.find(cgroup);
}

void Report::publish(SeriesMap& map, bool is_batch) {
  for (auto& [name, series] : map) {
    if (series.samples.empty()) continue;
    const Combined combined = combine(series.samples, count_time_);
    const std::string_view cgroup =
        series.samples.size() == 1
            ? std::string_view(series.samples.front()->cgroup.path)
            : std::string_view();
    for (const Row& row : kRows) {
      if (!(config_.*row.wanted) || (is_batch && !row.for_batch)) continue;
      if (const Number number = row.of(combined)) {
        values_.push_back(
            {series.instance, row.type, row.type_instance, *number, cgroup});
      }
    }
    if (config_.counts) publish_counts(series, combined, cgroup);
    if (config_.model && !is_batch) publish_model(series, cgroup);
    if (is_batch) publish_loop(series, cgroup);
  }
}

void Report::publish_model(const Series& series, std::string_view cgroup) {
  const auto gauge = [&](std::string_view name, double number) {
    values_.push_back({series.instance, "gauge", name, number, cgroup});
  };
  if (series.judgements.empty()) return;
  if (const Score* score = worst(series.judgements, Signal::cpi)) {
    gauge("cpi_expected", score->expected);
    gauge("cpi_deviation", score->deviation);
  } else if (const Score* ns =
                 worst(series.judgements, Signal::ns_per_instruction)) {
    gauge("cpi_expected", ns->expected);
    gauge("cpi_deviation", ns->deviation);
  }
  if (const Score* wait = worst(series.judgements, Signal::cpu_wait)) {
    gauge("cpu_wait_deviation", wait->deviation);
  }
  gauge("anomaly", any(series.judgements, is_anomaly));
  gauge("incident", any(series.judgements, has_incident));
  const Judgement& model = *series.judgements.front();
  gauge("model_samples", model.model_samples);
  gauge("model_age", to_seconds(model.model_age));
}

void Report::publish_loop(const Series& series, std::string_view cgroup) {
  const auto gauge = [&](std::string_view name, const Number& number) {
    if (!number) return;
    values_.push_back({series.instance, "gauge", name, *number, cgroup});
  };
  gauge("suspicion", series.suspicion);
  gauge("quota_cores", series.quota_cores);
}

void Report::publish_counts(Series& series, const Combined& combined,
                            std::string_view cgroup) {
  if (!combined.rates) return;
  const Sample& window = *series.samples.front();
  const auto sum = [&window](RunningSum& running, double per_second) {
    return running.advance(per_second, window.begin, window.end);
  };
  values_.push_back({series.instance, "perf", "cycles",
                     sum(series.cycles, combined.rates->cycles), cgroup});
  values_.push_back({series.instance, "perf", "instructions",
                     sum(series.instructions, combined.rates->instructions),
                     cgroup});
}

void Report::publish(const HostStatus& host, const Tick& tick) {
  const auto gauge = [this](std::string_view name, double number) {
    values_.push_back({"host", "gauge", name, number});
  };
  gauge("config_errors", static_cast<double>(host.config_errors));
  gauge("read_seconds", to_seconds(host.read_time));
  if (host.file_descriptors) {
    gauge("file_descriptors", static_cast<double>(*host.file_descriptors));
  }
  if (act_ && tick.policy) {
    gauge("frozen", tick.now < tick.policy->frozen_until ? 1 : 0);
  }
}

}  // namespace cpi
