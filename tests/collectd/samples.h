// Samples for tests of this folder.
#ifndef CPI_TESTS_COLLECTD_SAMPLES_H_
#define CPI_TESTS_COLLECTD_SAMPLES_H_

#include <string>

#include "sample/sample.h"

namespace cpi {

constexpr Instant kBegin{std::chrono::seconds(1000)};
constexpr Instant kEnd = kBegin + std::chrono::seconds(10);

// Ten seconds on one of four CPUs: CPI 2 at 2 GHz, everything measured.
inline Sample sample_of(std::string workload, std::string path) {
  Sample sample;
  sample.workload = std::move(workload);
  sample.cgroup = {1, std::hash<std::string>{}(path), path};
  sample.begin = kBegin;
  sample.end = kEnd;
  sample.cpu_usage = 0.25;
  sample.cpus = 1.0;
  sample.counted = Counted{2e10, 1e10, std::chrono::seconds(10), 1.0};
  sample.running_ratio = 1.0;
  sample.cpu_wait = 0.1;
  sample.throttled = 0.05;
  return sample;
}

// The same of the window after.
inline Sample later(Sample sample, int windows = 1) {
  sample.begin += windows * std::chrono::seconds(10);
  sample.end += windows * std::chrono::seconds(10);
  return sample;
}

inline Sample withheld(Sample sample, Withheld reason) {
  sample.counted = tl::make_unexpected(reason);
  return sample;
}

}  // namespace cpi

#endif  // CPI_TESTS_COLLECTD_SAMPLES_H_
