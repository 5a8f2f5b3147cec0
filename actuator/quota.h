// A cgroup's CPU quota, the same for cgroup v1 and v2: the difference is the
// table in quota.cc.
#ifndef CPI_ACTUATOR_QUOTA_H_
#define CPI_ACTUATOR_QUOTA_H_

#include "actuator/cgroup_fs.h"

namespace cpi::actuator {

inline constexpr std::int64_t kUnlimited = -1;

struct Quota {
  std::int64_t quota_us;   // per period, or kUnlimited
  std::int64_t period_us;  // never changed by the helper
  std::int64_t burst_us;   // 0 as well where the kernel has none

  friend bool operator==(const Quota&, const Quota&) = default;
};

// The quota that is `millicores` in this period: at least the kernel's least,
// 1 ms. And back; 0 for unlimited.
[[nodiscard]] std::int64_t quota_of(std::int64_t millicores,
                                    std::int64_t period_us);
[[nodiscard]] std::int64_t millicores_of(const Quota& quota);

// Is `a` the smaller quota of two for one period?
[[nodiscard]] bool is_less(std::int64_t a_us, std::int64_t b_us);

// The burst that goes with a throttled quota: the kernel wants it no larger.
[[nodiscard]] std::int64_t burst_under(std::int64_t quota_us,
                                       const Quota& original);

// Does this version refuse a quota smaller than that of a descendant?
[[nodiscard]] bool refuses_larger_descendants(int version);

// Is there a quota to write, and may it be written here? 0 or an errno.
[[nodiscard]] int probe_quota(int version, const UniqueFd& cgroup);

// Both return 0 or an errno. `change` writes quota and burst in the order the
// kernel accepts, waits up to 200 ms for a descendant that was just removed,
// and reads back: EIO when the kernel holds something else afterwards. When it
// fails, part may have been written.
[[nodiscard]] int read_quota(int version, const UniqueFd& cgroup, Quota* quota);
[[nodiscard]] int change_quota(int version, const UniqueFd& cgroup,
                               const Quota& wanted);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_QUOTA_H_
