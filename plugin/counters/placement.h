// Where one workload's cgroup is in every hierarchy that is asked about it:
// one directory on pure v2, several on v1 and hybrid hosts. What is placed is
// read and counted there until it is placed again.
#ifndef CPI_COUNTERS_PLACEMENT_H_
#define CPI_COUNTERS_PLACEMENT_H_

#include <optional>
#include <string>

#include "base/cgroup_id.h"
#include "base/result.h"
#include "counters/hierarchies.h"
#include "counters/process_map.h"

namespace cpi {

// A cgroup's directory in one hierarchy. Two places are the same if they are
// the same cgroup, whatever it was called.
struct Place {
  std::string directory;  // absolute
  bool unified = false;
  CgroupId id;

  friend bool operator==(const Place& a, const Place& b) {
    return a.id == b.id;
  }
};

struct Placement {
  Place primary;
  // Absent where this host has no such hierarchy, or none of its cgroups holds
  // exactly this one's processes.
  std::optional<Place> cpu_time;
  std::optional<Place> pressure;
  // The error is for people: why the cgroup cannot be counted.
  Result<Place> perf;
  // Found without processes to go by: may turn out otherwise.
  bool provisional = false;
};

// Reads /proc of the cgroup's processes where several hierarchies are asked;
// nothing stays open. Fails when the cgroup of this identity is no longer at
// its path.
Result<Placement> place(const Hierarchies& hierarchies,
                        const ProcessMap& processes, const CgroupId& cgroup);

}  // namespace cpi

#endif  // CPI_COUNTERS_PLACEMENT_H_
