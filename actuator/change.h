// A change of several quotas, all or none: looked at, journalled, written, read
// back, and undone if one of them fails.
#ifndef CPI_ACTUATOR_CHANGE_H_
#define CPI_ACTUATOR_CHANGE_H_

#include "actuator/work.h"

namespace cpi::actuator {

// One cgroup of a change.
struct Step {
  Entry* entry = nullptr;  // in the journal
  UniqueFd cgroup;         // pinned
  Identity identity{};
  Quota held{};  // before the change
  std::int64_t next_us = 0;
};
using Steps = List<Step, 32>;  // in the order of writing

// Pins the cgroup and reads what it holds. 0 or an errno.
[[nodiscard]] int look(const Hierarchy& cpu, const Path& path, Step* step);
// Says why look() failed: gone or unavailable.
[[nodiscard]] Exit say_unreadable(Work* work, int error);

[[nodiscard]] Entry* find_entry(Journal* journal, const Path& path);

// Sets step->entry: the one the cgroup has, or a new one with what the cgroup
// holds as its original. `foreign` when the value is not ours, `refused` when
// the journal is full.
[[nodiscard]] Exit adopt(Work* work, const Path& path, Step* step);

// Could every value in the cgroup be from us, or be the original?
[[nodiscard]] bool is_ours(const Entry& entry, const Quota& held);
// Is it the original again, though we had written something else?
[[nodiscard]] bool was_reverted(const Entry& entry, const Quota& held);

// What the cgroup holds with this quota.
[[nodiscard]] Quota throttled(const Quota& original, std::int64_t quota_us);

// Does it. `before` is the journal to return to when the kernel refuses.
[[nodiscard]] Exit apply(Work* work, int version, const Journal& before,
                         Steps* steps);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_CHANGE_H_
