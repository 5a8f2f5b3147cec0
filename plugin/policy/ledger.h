// Which throttles are live, and what is remembered of the containers: the
// bookkeeping between decisions and what the actuator says became of them.
//
// A decision is booked at once, as if it had succeeded; in a dry run that is
// all there ever is. Where the actuator says otherwise, the book follows it.
#ifndef CPI_POLICY_LEDGER_H_
#define CPI_POLICY_LEDGER_H_

#include "base/config/policy.h"
#include "base/units.h"
#include "policy/outcome.h"
#include "policy/situation.h"
#include "policy/state.h"
#include "policy/throttle.h"

namespace cpi {

// The record of a container, made if need be. Valid until the state changes.
Record& record_of(PolicyState& state, const CgroupId& cgroup);

// Books a cut: the throttle, the harm it answers to, and the adjustment.
void book_cut(const ThrottleConfig& config, PolicyState& state,
              const BatchUse& use, const CgroupId& victim, const Cut& cut,
              Instant now);

// Books the end of a throttle, if there is one.
void book_end(PolicyState& state, const CgroupId& cgroup, Instant end);

// What time has ended: leases nobody renewed, which the helper's timer has
// taken back, exonerations, and records.
void forget_old(PolicyState& state, Instant now);

// What became of the latest action on a container.
void book_outcome(const PolicyConfig& config, PolicyState& state,
                  const ActionOutcome& outcome, Instant now);

// Makes the book say what is in force: after a restart, or whenever in doubt.
// A throttle the book does not know is taken over; one that the helper does not
// know is over, and so is a freeze.
void reconcile(const PolicyConfig& config, PolicyState& state,
               const InForce& in_force, Instant now);

}  // namespace cpi

#endif  // CPI_POLICY_LEDGER_H_
