// Follows the host's cgroups and says which of them are workloads. Costs one
// read(2) while nothing changes; a change costs a walk through the hierarchy.
// Says once per block what the operator should know: bad selectors, cgroups
// that two blocks match, matches inside matches.
#ifndef CPI_COUNTERS_DISCOVERY_H_
#define CPI_COUNTERS_DISCOVERY_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "counters/cgroup_tree.h"
#include "counters/workloads.h"

namespace cpi {

// Not thread-safe.
class Discovery {
 public:
  // What has no event (a pod's log folder that appears late, a missed event)
  // is found by then at the latest.
  static constexpr Duration kFullScan = std::chrono::seconds(60);

  enum class Change { none, some, full_scan };

  // `root` is where the primary hierarchy is mounted. Bad selectors are
  // complained about here and left out; the rest of their block works.
  // `list` stands for the file system in tests.
  Discovery(const Config& config, std::string root, LogSink sink,
            Lister list = list_directories);

  // Looks for changes; after anything but `none` workloads() is new. A tree
  // that cannot be read leaves workloads() as they were: half a tree would
  // look like services that are gone. A part that may not be listed is left
  // out, and said.
  Change update(Instant now);

  // By block, then by path. Valid until the next update().
  [[nodiscard]] const std::vector<Workload>& workloads() const {
    return workloads_;
  }

  // Makes the next update() look again: something vanished under the reader.
  void look_again() { stale_ = true; }

 private:
  void scan();
  // Pods known last stay known while their folder cannot be listed.
  void scan_pods();
  void judge(const CgroupTree& tree);
  void say_unreadable(const CgroupTree& tree);
  void complain_if(bool wrong, const std::string& key, const std::string& text,
                   const std::string& well);
  void say_once(const Remark& remark);

  std::string root_;
  std::string pod_logs_;
  LogSink sink_;
  Lister list_;
  Complaints complaints_;
  std::vector<Block> blocks_;
  bool needs_pods_ = false;
  std::vector<Pod> pods_;
  DirectoryWatch watch_;
  bool stale_ = false;
  std::optional<Instant> next_full_scan_;
  std::set<std::string> said_;
  std::vector<Workload> workloads_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_DISCOVERY_H_
