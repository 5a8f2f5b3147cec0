// The counters of one cgroup on every counted CPU. All or nothing: a sum over
// some of the CPUs looks like a CPI and is none.
#ifndef CPI_COUNTERS_CGROUP_COUNTERS_H_
#define CPI_COUNTERS_CGROUP_COUNTERS_H_

#include <vector>

#include "base/result.h"
#include "counters/event_group.h"

namespace cpi {

class CgroupCounters {
 public:
  // Opens and starts one group per CPU. On failure nothing stays open; the
  // error is that of the first CPU that failed. `perf` must outlive the
  // result. REQUIRES: `cpus` ascending and not empty.
  static Result<CgroupCounters> open(PerfApi& perf, const EventPair& events,
                                     int cgroup_fd,
                                     const std::vector<int>& cpus);

  // Reads every CPU into `counts`, which is empty after a failure. Starts
  // the counters again if they were paused.
  Result<> read(std::vector<GroupCount>& counts);

  // Stops counting until the next read(): between the two the counters are
  // free for others. `enabled` of the counts stands still as well.
  Result<> pause();

 private:
  CgroupCounters(PerfApi& perf, std::vector<EventGroup> groups)
      : perf_(&perf), groups_(std::move(groups)) {}

  Result<> control(PerfApi::Command command);

  PerfApi* perf_;
  std::vector<EventGroup> groups_;
  bool paused_ = false;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_CGROUP_COUNTERS_H_
