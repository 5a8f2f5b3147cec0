// What became of an action, and what is in force, as the actuator says: values
// that flow back. A value header.
#ifndef CPI_POLICY_OUTCOME_H_
#define CPI_POLICY_OUTCOME_H_

#include <string>

#include "base/by_cgroup.h"
#include "base/cgroup_id.h"
#include "base/units.h"
#include "policy/action.h"

namespace cpi {

// What became of one action on one container.
struct ActionOutcome {
  enum class Kind {
    done,
    foreign,  // somebody else has changed the quota: it is theirs
    gone,     // the cgroup is gone
    refused,  // not allowed: by the allowlist, the budget, the kill switch
    failed    // for now: busy, an error of the kernel or the helper
  };
  CgroupId cgroup;
  Kind kind = Kind::done;
  // What is in force now; 0 where it is the original or not known.
  Millicores quota = 0;
};

// One throttle of the helper's `status`.
struct LiveThrottle {
  enum class State {
    ours,
    reverted,  // back at the original, not by us
    foreign,
    gone
  };
  CgroupId cgroup;
  std::string workload;
  State state = State::ours;
  Millicores quota = 0;
  // 0: unlimited.
  Millicores original = 0;
  Duration lease{};  // left
};

// All that the helper holds.
struct InForce {
  ByCgroup<LiveThrottle> throttles;
  Duration frozen{};  // left
};

}  // namespace cpi

#endif  // CPI_POLICY_OUTCOME_H_
