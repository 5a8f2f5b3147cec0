// What the kernel says about a service's memory and about who runs in it.
#ifndef CPI_COUNTERS_RESOURCE_READING_H_
#define CPI_COUNTERS_RESOURCE_READING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/cgroup_id.h"
#include "base/units.h"

namespace cpi {

// The oldest process of a container: its command, or what wraps it. Process
// numbers are used again; with its start it is the only one of this boot.
struct MainProcess {
  int pid = 0;
  Duration started{};  // since boot, in steps of 10 ms

  friend bool operator==(const MainProcess&, const MainProcess&) = default;
};

// One replica of a service. What could not be read is absent, never 0.
struct ResourceReading {
  std::string service;
  CgroupId cgroup;
  // Path of what is restarted as one: the pod, where the cgroup belongs to one,
  // else the cgroup itself. Containers come and go within their pod.
  std::string unit;
  // The working set, bytes: what is used without the file pages that the kernel
  // can drop at once, as the kubelet computes it.
  std::optional<std::uint64_t> memory;
  // The lowest limit that applies to it, bytes; absent without any.
  std::optional<std::uint64_t> memory_limit;
  // Processes of the unit that the kernel killed for want of memory, since the
  // cgroup `oom_cgroup` (an inode) was made.
  std::optional<std::uint64_t> oom_kills;
  std::uint64_t oom_cgroup = 0;
  // One per container of the unit, in no order. Empty: nothing runs.
  std::vector<MainProcess> mains;
};

struct ResourceReadings {
  Duration since_boot{};          // of this collection
  std::uint64_t host_memory = 0;  // bytes; 0: not known
  std::vector<ResourceReading> replicas;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_RESOURCE_READING_H_
