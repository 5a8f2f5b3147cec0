#include "collectd/series.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

void keep_highest(std::optional<double>& highest,
                  const std::optional<double>& value) {
  if (value) highest = std::max(highest.value_or(*value), *value);
}

void keep_lowest(std::optional<double>& lowest,
                 const std::optional<double>& value) {
  if (value) lowest = std::min(lowest.value_or(*value), *value);
}

void add(std::optional<Counted>& sum, const Counted& counted) {
  if (!sum) sum.emplace();
  sum->cycles += counted.cycles;
  sum->instructions += counted.instructions;
  sum->enabled += counted.enabled;
}

// Counts per second of the sample's window; nothing when that is not known.
std::optional<Combined::Rates> rates_of(const Sample& sample, bool duty_cycle) {
  if (!sample.counted) {
    const bool idle = sample.counted.error() == Withheld::idle;
    return idle ? std::optional(Combined::Rates{}) : std::nullopt;
  }
  const Counted& counted = *sample.counted;
  // Counts per CPU second × CPU seconds per second, if a part was counted.
  double per_count = 1 / to_seconds(sample.end - sample.begin);
  if (duty_cycle) {
    if (!sample.cpus) return std::nullopt;
    per_count = *sample.cpus / to_seconds(counted.enabled);
  }
  return Combined::Rates{counted.cycles * per_count,
                         counted.instructions * per_count};
}

}  // namespace

Combined combine(std::span<const Sample* const> samples, bool duty_cycle) {
  Combined all;
  all.cpu_usage = 0;
  all.rates.emplace();
  for (const Sample* sample : samples) {
    if (all.cpu_usage && sample->cpu_usage) {
      *all.cpu_usage += *sample->cpu_usage;
    } else {
      all.cpu_usage.reset();
    }
    const auto rates = rates_of(*sample, duty_cycle);
    if (all.rates && rates) {
      all.rates->cycles += rates->cycles;
      all.rates->instructions += rates->instructions;
    } else {
      all.rates.reset();
    }
    if (sample->counted) add(all.counted, *sample->counted);
    keep_lowest(all.running_ratio, sample->running_ratio);
    keep_highest(all.cpu_wait, sample->cpu_wait);
    keep_highest(all.throttled, sample->throttled);
  }
  return all;
}

std::int64_t RunningSum::advance(double per_second, Instant begin,
                                 Instant end) {
  const Duration elapsed = end - stood_.value_or(begin);
  sum_ += static_cast<std::uint64_t>(
      std::llround(std::max(0.0, per_second * to_seconds(elapsed))));
  stood_ = end;
  return static_cast<std::int64_t>(sum_);
}

}  // namespace cpi
