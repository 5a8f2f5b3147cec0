// From a process that its caller has prepared as he liked to one that is
// root's alone and can do little: no capability, a clean environment, no
// inherited descriptor, timer or signal, known limits.
#ifndef CPI_ACTUATOR_PRIVILEGES_H_
#define CPI_ACTUATOR_PRIVILEGES_H_

#include <sys/types.h>

#include "actuator/report.h"

namespace cpi::actuator {

// Call first. `caller` receives the real user id of who started us. When it
// does not return Exit::done nothing may be done.
[[nodiscard]] Exit take_privileges(uid_t* caller, Report* report);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_PRIVILEGES_H_
