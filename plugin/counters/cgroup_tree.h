// Every cgroup of one hierarchy.
#ifndef CPI_COUNTERS_CGROUP_TREE_H_
#define CPI_COUNTERS_CGROUP_TREE_H_

#include <functional>
#include <string>
#include <vector>

#include "base/cgroup_id.h"
#include "base/result.h"
#include "counters/directory_watch.h"
#include "counters/files.h"

namespace cpi {

struct CgroupTree {
  // All but the root, by path; parents before their children.
  std::vector<CgroupId> cgroups;
  // Deeper than is looked at; what is below the bound is missing.
  bool too_deep = false;
  // More cgroups than are looked at; any may be missing.
  bool too_many = false;
  // Directories that exist and could not be listed: what is below is missing.
  std::vector<Error> unreadable;
};

// list_directories(), or what stands for it in tests.
using Lister =
    std::function<Result<std::vector<std::string>>(const std::string& path)>;

// Bounds of one scan.
struct ScanLimits {
  int depth = 32;
  std::size_t cgroups = 20000;
};

// Walks the hierarchy mounted at `root`, and adds each directory to the
// current round of `watch`. cgroups that vanish during the walk are left out,
// and so is what is below one that may not be listed. Fails when the root
// cannot be, or for want of descriptors or memory: half a tree would look like
// cgroups that are gone.
Result<CgroupTree> scan_cgroups(const std::string& root, DirectoryWatch& watch,
                                ScanLimits limits = {},
                                const Lister& list = list_directories);

// The identity of the cgroup at `path` below `root`, as it is now.
Result<CgroupId> identify(const std::string& root, const std::string& path);

}  // namespace cpi

#endif  // CPI_COUNTERS_CGROUP_TREE_H_
