// Request × root configuration → yes or no. Pure. What depends on the past (the
// budget, the age of a throttle) is the journal's.
#ifndef CPI_ACTUATOR_ALLOW_H_
#define CPI_ACTUATOR_ALLOW_H_

#include "actuator/config.h"
#include "actuator/request.h"

namespace cpi::actuator {

struct Verdict {
  Exit exit;         // done, refused or disabled
  const Rule* rule;  // of the target's alias, when allowed and it has one
  // When not allowed, constant texts: what was refused, and the key of the
  // configuration that decides it.
  const char* refused;
  const char* key;
};

// May `caller`, a real user id, have `request` done? Root may without being
// listed, but within the same limits. raise, release, thaw and restore, which
// only give back, pass while `disabled`; lower and freeze do not.
[[nodiscard]] Verdict allow(const Request& request, uid_t caller,
                            const Config& config, bool disabled);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_ALLOW_H_
