// Restarts of one unit (a container, or a pod with its containers), told from
// who is its main process.
//
// A main process that ended leaves a vacancy; a new process that becomes a main
// one fills it, and that is a restart. A new one without a vacancy is another
// container that joined; an old one (a worker whose parent was killed) only
// stands in until somebody new comes.
#ifndef CPI_SERVICE_RESTARTS_H_
#define CPI_SERVICE_RESTARTS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "counters/resource_reading.h"

namespace cpi {

struct UnitState {
  struct Main {
    MainProcess process;
    bool stands_in = false;

    friend bool operator==(const Main&, const Main&) = default;
  };
  std::vector<Main> mains;
  std::size_t vacancies = 0;
  Duration seen{};  // since boot, when it was last looked at

  friend bool operator==(const UnitState& a, const UnitState& b) {
    return a.mains == b.mains && a.vacancies == b.vacancies;
  }
};

// Looks at a unit: `state` becomes what it is now. Returns when each restart
// since the last look began, since boot. The first look only takes note.
std::vector<Duration> observe_unit(std::optional<UnitState>& state,
                                   std::span<const MainProcess> mains,
                                   Duration now);

}  // namespace cpi

#endif  // CPI_SERVICE_RESTARTS_H_
