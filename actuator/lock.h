// One helper at a time. The lock is a POSIX record lock on a file that only
// root can open, so the kernel knows who holds it and frees it on any death.
#ifndef CPI_ACTUATOR_LOCK_H_
#define CPI_ACTUATOR_LOCK_H_

#include "actuator/report.h"
#include "base/unique_fd.h"

namespace cpi::actuator {

// Waits two seconds at most. A caller can put the helper into a cgroup of his
// own and freeze it there with the lock held. With `rescue`, which is for
// root's `restore`, such a holder is killed when the wait is over, provided it
// is the same program; the journal has what it left behind.
// It closes with `lock`; nothing else may open or close that file meanwhile.
[[nodiscard]] Exit take_lock(int state_directory, bool rescue, UniqueFd* lock,
                             Report* report);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_LOCK_H_
