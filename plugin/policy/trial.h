// Whom to turn down next. In this order:
//
//   1. whose CPU use explains the incident
//   2. who is known to hurt this host's services and has got its CPU back
//   3. by WhenUnattributed: the others, one at a time (in a crowd, several),
//      or all together
//   4. all who were let go, together: several culprits may hide behind each
//      other, none of them being enough to be noticed alone
//   5. who is known to hurt, and is throttled already
//
// Culprits known from a trial of all stay together in 2 and 5, until one is
// proven guilty alone. While a known culprit, with the CPU that it has, may be
// all there is to the harm, nobody is probed in its place. A service is said to
// have changed by itself only when all of this has made no difference.
#ifndef CPI_POLICY_TRIAL_H_
#define CPI_POLICY_TRIAL_H_

#include <optional>
#include <vector>

#include "base/config/policy.h"
#include "incident/suspect.h"
#include "policy/situation.h"
#include "policy/state.h"

namespace cpi {

struct Choice {
  // Whom to try, with no cut made yet; absent: nobody can be.
  std::optional<Trial> trial;
  // Everybody has been tried, alone and together: it is the service's doing.
  bool own_doing = false;
};

// `ranking`: the suspects as Suspects::rank orders them, of this incident.
// Without `certain`, that the harm is no whim of the moment, only 1 is
// considered.
Choice choose(const PolicyConfig& config, const PolicyState& state,
              const Case& plaintiff, const std::vector<Suspect>& ranking,
              const Situation& situation, const Incident& incident,
              bool certain);

}  // namespace cpi

#endif  // CPI_POLICY_TRIAL_H_
