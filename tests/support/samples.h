// Samples for tests of what comes after the sampler.
#ifndef CPI_TESTS_SUPPORT_SAMPLES_H_
#define CPI_TESTS_SUPPORT_SAMPLES_H_

#include <string>

#include "sample/sample.h"

namespace cpi {

// What a core of 2 GHz counts in a second at this CPI.
inline Counted counted_at(double cpi) {
  Counted counted;
  counted.cycles = 2e9;
  counted.instructions = counted.cycles / cpi;
  counted.enabled = std::chrono::seconds(1);
  counted.running_ratio = 1;
  return counted;
}

// A window that ended at `end`, on a host of 32 CPUs.
inline Sample sample_at(Instant end, Duration window, double cpu_usage,
                        double cpi, ino_t inode = 1) {
  Sample sample;
  sample.workload = "web";
  sample.cgroup = {1, inode, "/web" + std::to_string(inode)};
  sample.begin = end - window;
  sample.end = end;
  sample.cpu_usage = cpu_usage;
  sample.cpus = 32 * cpu_usage;
  sample.counted = counted_at(cpi);
  return sample;
}

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_SAMPLES_H_
