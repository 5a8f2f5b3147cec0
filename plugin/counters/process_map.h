// One cgroup, seen in another hierarchy. On v1 and hybrid hosts the same
// container may have different paths in different hierarchies, or none of its
// own in some: what connects them is their processes.
#ifndef CPI_COUNTERS_PROCESS_MAP_H_
#define CPI_COUNTERS_PROCESS_MAP_H_

#include <set>
#include <string>

#include "base/result.h"
#include "counters/hierarchies.h"

namespace cpi {

// A cgroup's place in another hierarchy.
struct Mapped {
  std::string path;  // relative to the root, "/x/y"
  // False where the cgroup has no processes and the equal path was taken: ask
  // again when it has some.
  bool by_processes = false;
};

class ProcessMap {
 public:
  // `proc` is where proc is mounted.
  ProcessMap(std::string proc, Hierarchy primary)
      : proc_(std::move(proc)), primary_(std::move(primary)) {}

  // The cgroup of `target` that holds exactly the processes of `path` (a
  // cgroup of the primary hierarchy, descendants included): their common
  // ancestor, unless it is the root or holds others' processes too. The error
  // is for people: why there is none. ESRCH: it has no processes yet.
  [[nodiscard]] Result<Mapped> map(const std::string& path,
                                   const Hierarchy& target) const;

 private:
  using Pids = std::set<int>;

  // Where one process is in a hierarchy; empty when it has ended.
  [[nodiscard]] std::string place(int pid, const Hierarchy& hierarchy) const;
  [[nodiscard]] bool only_holds(const std::string& directory, const Pids& pids,
                                const std::string& path) const;

  std::string proc_;
  Hierarchy primary_;
};

// The processes in the cgroup at `directory` and its descendants, those of
// other PID namespaces left out.
std::set<int> processes_below(const std::string& directory);

// True if `inner` is `outer` or below it. Both "/x/y"; "/" is above all.
bool is_within(std::string_view inner, std::string_view outer);

// The longest path that both are within.
std::string common_ancestor(std::string_view a, std::string_view b);

// The path on the line of /proc/PID/cgroup for this hierarchy; empty: none.
std::string find_cgroup(std::string_view text, const Hierarchy& hierarchy);

}  // namespace cpi

#endif  // CPI_COUNTERS_PROCESS_MAP_H_
