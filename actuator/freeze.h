// A freeze: for a while no new batch workload may start on this host. It is a
// section of the journal, which cpi-oci-hook reads, and under exclusive parents
// on cgroup v2 also cgroup.max.descendants = 0. It ends by itself.
#ifndef CPI_ACTUATOR_FREEZE_H_
#define CPI_ACTUATOR_FREEZE_H_

#include "actuator/request.h"
#include "actuator/work.h"

namespace cpi::actuator {

// Is a freeze in force? Its deadline ends it though nobody has thawed yet.
[[nodiscard]] bool is_frozen(const Freeze& freeze, Seconds now);

// Begins one. While one is in force nothing changes: it is not extended.
[[nodiscard]] Exit freeze(Work* work, const Request& request);

// Ends it, in force or expired, and puts cgroup.max.descendants back.
[[nodiscard]] Exit thaw(Work* work);

// Adds "frozen", "reason" and "enforced" to the reply.
void describe_freeze(const Freeze& freeze, const Config& config, Seconds now,
                     Report* report);

// The Kubernetes pod UID in the name of a cgroup or a path of them, as the
// systemd and the cgroupfs driver write it, in the former's dashed form.
[[nodiscard]] bool find_pod_uid(std::string_view path, PodUid* uid);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_FREEZE_H_
