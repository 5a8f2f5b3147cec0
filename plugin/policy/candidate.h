// What is to be held for and against one suspect of an incident.
#ifndef CPI_POLICY_CANDIDATE_H_
#define CPI_POLICY_CANDIDATE_H_

#include "base/config/policy.h"
#include "base/units.h"
#include "incident/incident.h"
#include "incident/suspect.h"
#include "policy/situation.h"
#include "policy/state.h"

namespace cpi {

// Which harm the candidates are weighed for. Refers to what its owner keeps.
struct Matter {
  const PolicyConfig& config;
  const Situation& situation;
  const Incident& incident;
  Complaint complaint;
};

struct Candidate {
  const Suspect* suspect = nullptr;
  bool can_be_cut = false;
  bool exonerated = false;
  bool throttled = false;
  // … and not on its way up.
  bool held_down = false;
  // The rest is false of who is guilty of nothing.
  bool guilty = false;
  bool proven = false;
  // Of this harm; and less CPU for it has taken most of it away. Less may have
  // been chance.
  bool guilty_of_this = false;
  bool has_helped = false;
  // Enough to explain the harm there is.
  bool suffices = false;
  // Guilty of this harm, but it did not do so much, or not so late.
  bool doubtful = false;
  // There is less than the least that it would do if it were guilty.
  bool would_do_more = false;
};

// `record` and `live`: what is known about the suspect, an empty one or null
// where there is nothing. The result refers to `suspect`.
Candidate weigh(const Matter& matter, const Suspect& suspect,
                const BatchUse& use, const Record& record,
                const Throttle* live);

// The most this container needs, as next_cut wants it.
Millicores most_of(const BatchUse& use, double busiest_cpus);

}  // namespace cpi

#endif  // CPI_POLICY_CANDIDATE_H_
