// lower, raise, release: quotas under a lease. Each is written ahead in the
// journal, then to the kernel, then read back; what fails half-way is undone.
#ifndef CPI_ACTUATOR_THROTTLE_H_
#define CPI_ACTUATOR_THROTTLE_H_

#include "actuator/request.h"
#include "actuator/work.h"

namespace cpi::actuator {

// REQUIRES: `rule` allows the request. With a recursive rule, descendants with
// a larger quota are lowered along, leaves first, and follow their ancestor
// from then on.
[[nodiscard]] Exit lower(Work* work, const Request& request, const Rule& rule);

// Never beyond the original; there the throttle ends. Never a smaller quota.
[[nodiscard]] Exit raise(Work* work, const Request& request, const Rule& rule);

// Put the originals back, parents first: of a target and what follows it, of
// all, or of those whose lease is over. A value that is neither ours nor the
// original belongs to somebody else and stays; the throttle is forgotten. What
// could not be put back stays in the journal.
[[nodiscard]] Exit release(Work* work, const Request& request,
                           const Rule& rule);
[[nodiscard]] Exit release_all(Work* work, bool only_expired);

// Adds "throttles" to the reply.
void describe_throttles(Work* work);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_THROTTLE_H_
