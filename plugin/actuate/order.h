// Decisions as the helper's commands, and its answers as what became of them.
#ifndef CPI_ACTUATE_ORDER_H_
#define CPI_ACTUATE_ORDER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actuate/actuator.h"
#include "base/result.h"
#include "policy/action.h"
#include "policy/outcome.h"

namespace cpi {

// The names by which the helper knows cgroups.
class Aliases {
 public:
  Aliases() = default;
  explicit Aliases(std::vector<Alias> aliases) : aliases_(std::move(aliases)) {}

  // "/batch.slice/job-7" → "batch/job-7". Absent where root does not allow it.
  [[nodiscard]] std::optional<std::string> target_of(
      std::string_view path) const;
  // The inverse. Absent for an alias that does not exist.
  [[nodiscard]] std::optional<std::string> path_of(
      std::string_view target) const;

 private:
  std::vector<Alias> aliases_;
};

// What the helper is asked for. Absent where it can do nothing about it: a
// Reschedule is a notification. Fails where root's configuration does not name
// the cgroup. Leases and freezes are rounded up to whole seconds.
Result<std::optional<Command>> command_of(const Action& action,
                                          const Aliases& aliases);

// What an answer, or the want of one, means for the container. `quota`: what
// the policy asked for; it is in force if the answer says so.
ActionOutcome outcome_of(const CgroupId& cgroup, Millicores quota,
                         const Result<Outcome>& answer);

}  // namespace cpi

#endif  // CPI_ACTUATE_ORDER_H_
