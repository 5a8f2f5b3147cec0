// What every verb works with, once it holds the lock.
#ifndef CPI_ACTUATOR_WORK_H_
#define CPI_ACTUATOR_WORK_H_

#include "actuator/config.h"
#include "actuator/journal.h"
#include "actuator/report.h"

namespace cpi::actuator {

struct Work {
  const Config& config;
  int state_directory;
  Seconds now;
  Journal& journal;  // as loaded; the verb changes and saves it
  Report& report;
};

// How a failed write to a cgroup ends, when all is as it was before.
[[nodiscard]] Exit outcome_of(int error);

// Charges a lower or a freeze to the hour's budget; done or budget.
[[nodiscard]] Exit charge(Work* work);

// Saves the journal; done or io.
[[nodiscard]] Exit save(Work* work);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_WORK_H_
