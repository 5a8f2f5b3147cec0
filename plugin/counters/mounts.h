// Where this host's cgroup hierarchies are mounted, by libcgroup's mount
// tables. The only file that calls libcgroup.
#ifndef CPI_COUNTERS_MOUNTS_H_
#define CPI_COUNTERS_MOUNTS_H_

#include <string>
#include <vector>

#include "base/result.h"

namespace cpi {

// One mounted hierarchy.
struct Mount {
  std::string path;  // "/sys/fs/cgroup/cpu,cpuacct"
  bool unified = false;
  // Controllers bound to it: "cpu", "cpuacct". A unified hierarchy may have
  // none, and never lists perf_event, which is implicit there.
  std::vector<std::string> controllers;
};

// Every hierarchy once. libcgroup lists controllers, so a unified hierarchy
// without any is looked up in the mount table (getmntent(3)) instead. `proc`
// is where proc is mounted; libcgroup itself always reads /proc.
Result<std::vector<Mount>> find_mounts(const std::string& proc);

}  // namespace cpi

#endif  // CPI_COUNTERS_MOUNTS_H_
