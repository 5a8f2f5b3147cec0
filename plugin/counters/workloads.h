// Which of the host's cgroups belong to which block of the configuration.
#ifndef CPI_COUNTERS_WORKLOADS_H_
#define CPI_COUNTERS_WORKLOADS_H_

#include <string>
#include <vector>

#include "base/cgroup_id.h"
#include "base/config.h"
#include "counters/selector.h"

namespace cpi {

// A <Service> or <Batch> block, ready for matching.
struct Block {
  std::string name;
  bool service = false;
  bool counted = false;  // by perf
  std::vector<Matcher> matchers;

  // For messages: Service "NAME".
  [[nodiscard]] std::string title() const;
};

// Services first, each kind in the order of the configuration. Selectors that
// cannot be compiled are left out, their errors appended to `errors`.
std::vector<Block> compile_blocks(const Config& config,
                                  std::vector<Error>& errors);

// A cgroup that a block means.
struct Workload {
  CgroupId cgroup;
  const Block* block = nullptr;
};

// Something the operator should hear once, whatever happens to the cgroups.
struct Remark {
  std::string key;  // one per block and kind of remark
  std::string text;
};

struct Selection {
  std::vector<Workload> workloads;  // by block, then by path
  std::vector<Remark> remarks;
};

// Rules, in this order:
//  1. Of several blocks that match one cgroup the first wins, services before
//     batch.
//  2. A service inside another service is part of it: perf and cpu.stat count
//     descendants.
//  3. A batch match inside a service is part of the service; one that contains
//     a service is dropped too, as throttling it would hit the service.
//  4. A batch match inside another one is part of it.
// REQUIRES: `cgroups` by path; `blocks` outlives the result.
Selection select_workloads(const std::vector<CgroupId>& cgroups,
                           const std::vector<Block>& blocks,
                           const std::vector<Pod>& pods);

}  // namespace cpi

#endif  // CPI_COUNTERS_WORKLOADS_H_
