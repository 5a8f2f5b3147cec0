// What holds for counting on the whole host: which events, on which CPUs, and
// whether it is possible at all. Asked once per host instead of once per
// cgroup, so that a missing PMU is said once and costs nothing afterwards.
#ifndef CPI_COUNTERS_COUNTING_H_
#define CPI_COUNTERS_COUNTING_H_

#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/cpu_list.h"
#include "counters/cgroup_counters.h"
#include "counters/event.h"
#include "counters/perf_api.h"

namespace cpi {

// Not thread-safe.
class Counting {
 public:
  // `perf` must outlive the object; `sys` is where sysfs is mounted,
  // `perf_root` the perf_event hierarchy (empty: there is none).
  Counting(PerfApi& perf, CountersConfig config, std::string sys,
           std::string perf_root = {})
      : perf_(&perf),
        config_(std::move(config)),
        sys_(std::move(sys)),
        perf_root_(std::move(perf_root)) {}

  // Looks at the host again: after a change of its CPUs, and now and then.
  void refresh(const CpuList& online);

  // Why nothing can be counted; null when it can. Covers unknown events, CPUs
  // of several core types, a missing PMU, missing permission.
  [[nodiscard]] const Error* obstacle() const {
    return obstacle_ ? &*obstacle_ : nullptr;
  }

  // CPUs that are counted.
  [[nodiscard]] const CpuList& cpus() const { return cpus_; }

  // File descriptors one cgroup takes.
  [[nodiscard]] std::size_t fds_per_cgroup() const {
    return cpus_.size() * EventGroup::kEvents;
  }

  // Those that are open whatever is counted.
  [[nodiscard]] std::size_t fds_open() const { return timekeepers_.size(); }

  // Starts counting the cgroup at `perf_directory`. REQUIRES: no obstacle.
  [[nodiscard]] Result<CgroupCounters> open(
      const std::string& perf_directory) const;

 private:
  // Finds cpus_ and events_, or fails with the obstacle.
  Result<> prepare(const CpuList& online);
  // Several core PMUs behind one number would be a CPI of no core.
  Result<> choose_pmu();
  // With CountTime: an event on every CPU that counts nothing and is never
  // disabled. The kernel follows the time of cgroups only while a CPU has an
  // enabled cgroup event; without one, counters that were disabled and enabled
  // again mostly report the pause as time in which they ran, with one rarely.
  Result<> keep_time();

  PerfApi* perf_;
  CountersConfig config_;
  std::string sys_;
  std::string perf_root_;
  std::vector<UniqueFd> timekeepers_;
  EventPair events_ = {};
  CpuList cpus_;
  std::optional<Error> obstacle_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_COUNTING_H_
