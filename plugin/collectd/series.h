// Several samples of one window as one: a service's replicas, a batch block's
// containers. Pure arithmetic.
#ifndef CPI_COLLECTD_SERIES_H_
#define CPI_COLLECTD_SERIES_H_

#include <cstdint>
#include <optional>
#include <span>

#include "sample/sample.h"

namespace cpi {

struct CountRates {
  double cycles = 0;        // per second
  double instructions = 0;  // per second
};

// What a series says about one window. Absent: not measured.
struct Combined {
  // Σ. Absent if it is for any sample: a part would look like a fall in load.
  std::optional<double> cpu_usage;
  // Σ over the counted samples; its cpi() is Σ cycles / Σ instructions, the CPI
  // of all their work. Absent when none was counted.
  std::optional<Counted> counted;
  // Counts per second of the window. Absent if any sample that ran was not
  // counted; an idle one counts as 0, which is what it did.
  std::optional<CountRates> rates;
  // The lowest: how far the least trustworthy sample can be trusted.
  std::optional<double> running_ratio;
  // The highest: one starving replica is a starving service.
  std::optional<double> cpu_wait;
  std::optional<double> throttled;
};

// REQUIRES: samples is not empty. `count_time` is CountTime: where it is not 0
// the counters ran for that part of the window only, and `rates` are per
// second of that part. (The CPU time in which the counters were enabled would
// extrapolate better, but has been seen to run on while they were stopped.)
Combined combine(std::span<const Sample* const> samples, Duration count_time);

// The running sum behind a DERIVE: what collectd's rates are made from.
//
// A window without a rate leaves a hole. The next rate collectd computes then
// spans hole and window, so that the sum must grow over the hole at the rate of
// the window after it: it is right for the window, and no rate is ever too low
// because something was not measured.
class RunningSum {
 public:
  // Adds `per_second` from where the sum stood last (at first from `begin`)
  // to `end`, and returns the sum.
  std::int64_t advance(double per_second, Instant begin, Instant end);

 private:
  std::optional<Instant> stood_;
  std::uint64_t sum_ = 0;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_SERIES_H_
