// The way back: live throttles are renewed, stepped up and released, and
// episodes end.
#ifndef CPI_POLICY_RECOVERY_H_
#define CPI_POLICY_RECOVERY_H_

#include "policy/turn.h"

namespace cpi {

// Every live throttle: released when its allowance is used up, stepped up when
// its victim has been well for QuietTime, and renewed when half of its lease is
// gone. One whose container is not seen is left to its lease.
void give_back(Turn& turn);

// Ends the episodes of victims that have been well for as long as their harm is
// remembered, and for whose sake nothing is held back any more.
void close_cases(Turn& turn);

}  // namespace cpi

#endif  // CPI_POLICY_RECOVERY_H_
