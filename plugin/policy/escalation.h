// When adjusting is not enough: ask for the container to be moved, and close
// the host to new batch work for a while.
#ifndef CPI_POLICY_ESCALATION_H_
#define CPI_POLICY_ESCALATION_H_

#include <cstdint>
#include <optional>

#include "base/config/policy.h"
#include "incident/incident.h"
#include "policy/state.h"
#include "policy/throttle.h"

namespace cpi {

// A cut that is about to be made, and what speaks for its being deserved.
struct Charge {
  Cut cut;
  // Where the throttle began, and its cuts so far, this one included.
  Millicores start = 0;
  int cuts = 1;
  // Its CPU use explains the harm, and nobody else's does.
  bool explains = false;
  // It is guilty beyond doubt: nobody is moved on suspicion, but for the
  // severest harm.
  bool guilty = false;
};

// Why a container that is being cut should be moved as well, if it should.
std::optional<Reason> reason_to_move(const EscalationConfig& config,
                                     const Incident& incident,
                                     const Charge& charge);

// Whether it may be asked once more: not too often a day, nor twice within an
// hour, which is what a move may take.
bool may_ask(const EscalationConfig& config, const Record& record, Instant now);

// Whether the hour has room for another cut of this container. A guilty one
// that has not is asked to move.
bool may_cut(const EscalationConfig& config, const Record& record);

// The next length of a freeze, FreezeTime give or take the jitter. Advances
// the seed.
Duration freeze_length(const EscalationConfig& config, std::uint64_t& seed);

}  // namespace cpi

#endif  // CPI_POLICY_ESCALATION_H_
