#include "counters/placement.h"

#include <cerrno>
#include <utility>
#include <vector>

#include "counters/cgroup_tree.h"

namespace cpi {
namespace {

// Maps one cgroup; asks once per hierarchy, as several questions often go to
// the same one.
class Placer {
 public:
  Placer(const ProcessMap& processes, std::string path)
      : processes_(processes), path_(std::move(path)) {}

  Result<Place> in(const Hierarchy& hierarchy) {
    for (const auto& [root, place] : known_) {
      if (root == hierarchy.root) return place;
    }
    known_.emplace_back(hierarchy.root, find(hierarchy));
    return known_.back().second;
  }

  std::optional<Place> in(const std::optional<Hierarchy>& hierarchy) {
    if (!hierarchy) return std::nullopt;
    auto place = in(*hierarchy);
    return place ? std::optional(*std::move(place)) : std::nullopt;
  }

  [[nodiscard]] bool provisional() const { return provisional_; }

 private:
  Result<Place> find(const Hierarchy& hierarchy) {
    const auto mapped = processes_.map(path_, hierarchy);
    if (!mapped) {
      provisional_ = true;
      return fail(mapped);
    }
    if (!mapped->by_processes) provisional_ = true;
    auto id = identify(hierarchy.root, mapped->path);
    if (!id) return fail(id);
    return Place{hierarchy.root + mapped->path, hierarchy.unified,
                 *std::move(id)};
  }

  const ProcessMap& processes_;
  std::string path_;
  std::vector<std::pair<std::string, Result<Place>>> known_;
  bool provisional_ = false;
};

}  // namespace

Result<Placement> place(const Hierarchies& hierarchies,
                        const ProcessMap& processes, const CgroupId& cgroup) {
  Placer placer(processes, cgroup.path);
  auto primary = placer.in(hierarchies.primary);
  if (!primary) return fail(primary);
  if (!(primary->id == cgroup)) {
    return fail(ENOENT, "find again " + primary->directory);
  }
  auto perf = hierarchies.perf
                  ? placer.in(*hierarchies.perf)
                  : fail(0, "no perf_event controller on this host",
                         "boot a kernel with CONFIG_CGROUP_PERF");
  return Placement{*std::move(primary), placer.in(hierarchies.cpu_time),
                   placer.in(hierarchies.pressure), std::move(perf),
                   placer.provisional()};
}

}  // namespace cpi
