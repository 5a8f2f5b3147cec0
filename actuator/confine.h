// What is left of the file system once the helper has all it needs from the
// rest of it.
#ifndef CPI_ACTUATOR_CONFINE_H_
#define CPI_ACTUATOR_CONFINE_H_

#include "base/unique_fd.h"

namespace cpi::actuator {

// From here on the kernel (Landlock) lets this process read and write in the
// state directory and in the two cgroup hierarchies, read the boot id, and
// open, make, remove, rename or execute nothing else: uid 0 owns every other
// file of the host, and an error in this program shall not reach them.
//
// True as well where the kernel has no Landlock (before 5.13, or not enabled):
// it is a second wall, not the first. `abi` receives its version, 0 for none.
// False with errno set when it has it and refuses.
// REQUIRES: no_new_privs is set; the lock is held, since to look at another
// process's /proc/PID/exe is refused as well.
[[nodiscard]] bool confine(const UniqueFd& state_directory, int* abi);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_CONFINE_H_
