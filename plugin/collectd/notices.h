// What people should hear of, as notifications: WARNING when a service is
// harmed, FAILURE when adjusting was not enough and a container was asked to
// move, OKAY when it is over. Each once per episode, however many incidents it
// has, also across a restart: policy/ sees to that.
//
// Of cpi-service_NAME/gauge-incident. Metadata, where known: service, owner (as
// declared, all of them), cgroup, signal, value (named as the signal),
// expected, deviation; suspect, correlation, workload (its block), action
// ("lower", "reschedule"; "would lower" in a dry run), reason, quota_before,
// quota_after (CPUs), freeze_seconds. actuator/handlers/ relies on the names.
#ifndef CPI_COLLECTD_NOTICES_H_
#define CPI_COLLECTD_NOTICES_H_

#include <vector>

#include "base/config.h"
#include "collectd/dispatcher.h"
#include "pipeline.h"

namespace cpi {

// The notifications of one tick. `services`: as configured, for their owners.
// `switched_off`: root has switched acting off, so that nobody who listens may
// move a container: what was decided is told as a dry run.
std::vector<Notification> notifications_of(
    const Tick& tick, const std::vector<ServiceConfig>& services,
    bool switched_off);

}  // namespace cpi

#endif  // CPI_COLLECTD_NOTICES_H_
