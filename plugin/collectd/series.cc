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

// Counts per second of counting; nothing when they are not known.
std::optional<CountRates> rates_of(const Sample& sample, Duration count_time) {
  if (!sample.counted) {
    const bool idle = sample.counted.error() == Withheld::idle;
    return idle ? std::optional(CountRates{}) : std::nullopt;
  }
  const bool all_the_time = count_time == Duration{0};
  const double seconds =
      to_seconds(all_the_time ? sample.end - sample.begin : count_time);
  return CountRates{sample.counted->cycles / seconds,
                    sample.counted->instructions / seconds};
}

}  // namespace

Combined combine(std::span<const Sample* const> samples, Duration count_time) {
  Combined all;
  all.cpu_usage = 0;
  all.rates.emplace();
  for (const Sample* sample : samples) {
    if (all.cpu_usage && sample->cpu_usage) {
      *all.cpu_usage += *sample->cpu_usage;
    } else {
      all.cpu_usage.reset();
    }
    const auto rates = rates_of(*sample, count_time);
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
