// Limits crossed and kept again, in words: what happened, and whom to call.
#ifndef CPI_COLLECTD_LIMIT_ALARMS_H_
#define CPI_COLLECTD_LIMIT_ALARMS_H_

#include "base/config.h"
#include "collectd/dispatcher.h"
#include "service/limits.h"

namespace cpi {

// Of cpi-service_NAME/gauge-LIMIT. A threshold of the declaration (killed,
// restarts, success rate, traffic) is FAILURE, an early warning WARNING, the
// end OKAY. Metadata: service, limit, CurrentValue, threshold, owner, and, as
// far as there are any, cgroup, business, pool, traffic_owner.
Notification notification_of(const ServiceConfig& service,
                             const LimitChange& change);

}  // namespace cpi

#endif  // CPI_COLLECTD_LIMIT_ALARMS_H_
