// One tick of the policy: what is known, what is booked, and what has been
// decided so far. Internal to this stage; lives on the stack of
// Policy::decide, and refers to what its caller owns.
#ifndef CPI_POLICY_TURN_H_
#define CPI_POLICY_TURN_H_

#include <string>

#include "base/config/policy.h"
#include "policy/decision.h"
#include "policy/situation.h"
#include "policy/state.h"
#include "policy/throttle.h"

namespace cpi {

class Turn {
 public:
  Turn(const PolicyConfig& policy_config, PolicyState& policy_state,
       const Situation& what_is_known);

  // The open incident that the case is about: the one on trial, or the worst.
  // Null where there is none, or it was not measured.
  [[nodiscard]] const Incident* open_incident(const Case& plaintiff) const;
  [[nodiscard]] bool is_harmed(const Case& plaintiff) const;

  // Says what is to be done, and why.
  void act(Verb verb, const Why& why, const std::string& workload = {});
  [[nodiscard]] static Why why_of(const Case& plaintiff, Reason reason);
  // Says, once per episode, that a service is harmed.
  void tell(Case& plaintiff, Reason reason);

  // Asks for a container to be moved, unless that was done too often, and
  // freezes the host, unless it is frozen.
  void ask_to_move(const CgroupId& cgroup, const Why& why);
  // Sets a larger quota for `lease`, and books it.
  void raise(Throttle& live, Millicores quota, Duration lease, const Why& why);
  // Ends a throttle, if there is one.
  void release(const CgroupId& cgroup, const Why& why);
  // Remembers how badly everybody is off with this container as it is.
  void note_harm(const CgroupId& cgroup);
  // The world has changed: what any victim showed so far, it showed in another.
  void spend();

  const PolicyConfig& config;
  PolicyState& state;
  const Situation& situation;
  const Instant now;
  Decision decision;
};

// Of several open incidents of one victim; null where there is none.
const Incident* worst_of(const Victim& victim);
bool is_worse(const Incident& a, const Incident& b);

}  // namespace cpi

#endif  // CPI_POLICY_TURN_H_
