// One perf group (cycles leads, instructions follows) of one cgroup on one CPU:
// the kernel schedules both onto the PMU together or not at all, which is what
// makes their quotient a CPI.
#ifndef CPI_COUNTERS_EVENT_GROUP_H_
#define CPI_COUNTERS_EVENT_GROUP_H_

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "counters/event.h"
#include "counters/perf_api.h"
#include "counters/reading.h"

namespace cpi {

class EventGroup {
 public:
  static constexpr int kEvents = 2;

  // Opens the group, not yet counting. `cgroup_fd` is needed during the call
  // only; PerfApi::kWholeCpu counts everything on the CPU.
  static Result<EventGroup> open(PerfApi& perf, const EventPair& events,
                                 int cgroup_fd, int cpu);

  [[nodiscard]] int cpu() const { return cpu_; }
  [[nodiscard]] int leader() const { return leader_.get(); }

  // Cumulative since open().
  Result<GroupCount> read(PerfApi& perf) const;

 private:
  EventGroup(int cpu, UniqueFd leader, UniqueFd sibling)
      : cpu_(cpu), leader_(std::move(leader)), sibling_(std::move(sibling)) {}

  int cpu_;
  UniqueFd leader_;
  UniqueFd sibling_;
};

// The bytes of read(2) on a group → counts. Source of the layout:
// perf_event_open(2), "Reading results": nr, time enabled, time running, and
// one value per event, all u64. Anything but exactly that is an error.
Result<GroupCount> parse_group(std::span<const std::byte> bytes, int cpu);

}  // namespace cpi

#endif  // CPI_COUNTERS_EVENT_GROUP_H_
