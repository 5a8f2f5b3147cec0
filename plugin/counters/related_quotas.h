// CPU quotas of a cgroup's relatives. A quota holds back everything below it,
// and each cgroup's cpu.stat tells of its own quota only: the pod that a
// service names waits when its container's limit, or the slice above it, says
// so. Left out, such a wait would be blamed on a neighbour.
#ifndef CPI_COUNTERS_RELATED_QUOTAS_H_
#define CPI_COUNTERS_RELATED_QUOTAS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "counters/files.h"
#include "counters/hierarchies.h"

namespace cpi {

// Not thread-safe.
class RelatedQuotas {
 public:
  // Descendants farther down, or more of them, are not looked at.
  static constexpr int kDepth = 4;
  static constexpr std::size_t kMost = 64;

  // Looks which ancestors (without the root) and descendants of the cgroup at
  // `path` have a quota now; those keep a file open each. A quota set later is
  // seen at the next call. At most `room` files are opened beside those that
  // are open.
  void follow(const Hierarchy& primary, const std::string& path,
              std::size_t room = kMost);

  // Time in which these quotas held tasks back, Σ over them and over CPUs,
  // since each was first followed: never runs backwards. Absent until the
  // first is found.
  std::optional<Duration> read(KeptFile::Buffer& buffer);

  [[nodiscard]] std::size_t files_open() const { return quotas_.size(); }

 private:
  struct Quota {
    std::string directory;
    KeptFile stat;
    std::optional<std::uint64_t> last;
  };

  void follow_descendants(const Hierarchy& primary,
                          const std::string& directory, int depth,
                          std::vector<Quota>& found);
  void add(const Hierarchy& primary, const std::string& directory,
           std::vector<Quota>& found);

  std::vector<Quota> quotas_;
  std::size_t most_ = kMost;      // of this call of follow()
  const Field* field_ = nullptr;  // of the version; null: none found yet
  Duration sum_{};
};

}  // namespace cpi

#endif  // CPI_COUNTERS_RELATED_QUOTAS_H_
