// Units. Time is std::chrono everywhere; every other number carries its unit in
// its name:
//   cpu_usage    fraction of the host's online CPUs, 0…1
//   cpus         CPUs, 1.0 = one CPU busy all the time
//   *_us, *_mc   microseconds, millicores: only at the kernel's and the
//                helper's interfaces, which speak them
#ifndef CPI_BASE_UNITS_H_
#define CPI_BASE_UNITS_H_

#include <chrono>

namespace cpi {

using Duration = std::chrono::nanoseconds;

// A point on CLOCK_MONOTONIC. The middle of the pipeline receives it as an
// argument and never asks a clock; replayed recordings make their own.
using Instant = std::chrono::time_point<std::chrono::steady_clock,
                                        std::chrono::nanoseconds>;

constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// To the nearest nanosecond, so that writing seconds and reading them again
// changes nothing.
constexpr Duration from_seconds(double seconds) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace cpi

#endif  // CPI_BASE_UNITS_H_
