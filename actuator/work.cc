#include "actuator/work.h"

#include <cerrno>

namespace cpi::actuator {

Exit outcome_of(int error) {
  switch (error) {
    case EROFS:
    case EACCES:
    case EPERM:
    case ENOSYS:
      return Exit::unavailable;
    case ENOENT:
    case ENODEV:
      return Exit::gone;
    default:
      return Exit::rolled_back;
  }
}

Exit charge(Work* work) {
  if (work->journal.spent.spend(work->now, work->config.budget))
    return Exit::done;
  return work->report.say(Exit::budget,
                          "too many changes within the hour; the limit is "
                          "\"budget_per_hour\"");
}

Exit save(Work* work) {
  if (save_journal(work->state_directory, work->journal)) return Exit::done;
  return work->report.say(Exit::io, "the journal cannot be written (errno %d)",
                          errno);
}

}  // namespace cpi::actuator
