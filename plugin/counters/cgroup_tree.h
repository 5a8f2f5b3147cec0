// Every cgroup of one hierarchy.
#ifndef CPI_COUNTERS_CGROUP_TREE_H_
#define CPI_COUNTERS_CGROUP_TREE_H_

#include <string>
#include <vector>

#include "base/cgroup_id.h"
#include "base/result.h"
#include "counters/directory_watch.h"

namespace cpi {

struct CgroupTree {
  // All but the root, by path; parents before their children.
  std::vector<CgroupId> cgroups;
  // The hierarchy is deeper or larger than is looked at; the rest is missing.
  bool truncated = false;
};

// Bounds of one scan.
struct ScanLimits {
  int depth = 32;
  std::size_t cgroups = 20000;
};

// Walks the hierarchy mounted at `root`, and adds each directory to the
// current round of `watch`. cgroups that vanish during the walk are left out;
// fails when one that exists cannot be read: half a tree would look like
// cgroups that are gone.
Result<CgroupTree> scan_cgroups(const std::string& root, DirectoryWatch& watch,
                                ScanLimits limits = {});

// The identity of the cgroup at `path` below `root`, as it is now.
Result<CgroupId> identify(const std::string& root, const std::string& path);

}  // namespace cpi

#endif  // CPI_COUNTERS_CGROUP_TREE_H_
