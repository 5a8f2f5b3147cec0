// The last decision of the loop: from incidents, batch use and what is in
// force, to what is to be done now.
//
//   complete evidence ──► choose whom to try ──► cut ──► did it help?
//                               ▲                          │ no: let go
//                               └──────────────────────────┘
//   no harm for a while ──► step back up ──► release
//
// One container, or one set of them, is changed at a time: otherwise nobody
// could tell what helped. What is decided is booked at once as if it had been
// done, with Act off as with Act on, so a dry run takes the very decisions of a
// real run for as long as the world does what it would do. Where it visibly
// does not (a container uses more than the quota it is supposed to have), the
// dry run draws no conclusions and waits.
//
// Pure: no clock, no randomness of its own. Not thread-safe.
#ifndef CPI_POLICY_POLICY_H_
#define CPI_POLICY_POLICY_H_

#include <vector>

#include "base/config/policy.h"
#include "base/units.h"
#include "policy/decision.h"
#include "policy/outcome.h"
#include "policy/situation.h"
#include "policy/state.h"

namespace cpi {

class Policy {
 public:
  // `state`: what an earlier instance had, or a fresh one with a seed.
  explicit Policy(const PolicyConfig& config, PolicyState state = {});

  // Once per tick. REQUIRES: situation.now does not decrease. The caller
  // carries the actions out if they are not a dry run, reports what became of
  // them, and saves the state.
  Decision decide(const Situation& situation, const Ranker& rank);

  // What became of the latest action on a container, where it was carried out.
  void report(const ActionOutcome& outcome, Instant now);
  // What is in force, from the helper's `status`; at least once after a start.
  // Not in a dry run, in which nothing is in force.
  void reconcile(const InForce& in_force, Instant now);

  [[nodiscard]] const PolicyState& state() const { return state_; }

 private:
  PolicyConfig config_;
  PolicyState state_;
};

}  // namespace cpi

#endif  // CPI_POLICY_POLICY_H_
