// Who may have caused an incident: a value header of this stage.
#ifndef CPI_INCIDENT_SUSPECT_H_
#define CPI_INCIDENT_SUSPECT_H_

#include <string>

#include "base/cgroup_id.h"

namespace cpi {

// One batch container, as seen from one incident.
struct Suspect {
  CgroupId cgroup;
  // Name of the conf.d block that makes it batch.
  std::string workload;
  // How well its CPU use goes with the victim's deviation, −1…1: 1 where it
  // ran only while the deviation was four standard deviations or more, 0 where
  // its use says nothing.
  double correlation = 0;
  // Its correlation is high enough to act upon, and higher than that of a
  // container which runs all the time.
  bool explains = false;
  // It does, and no other suspect does so about as well.
  bool stands_out = false;
  // CPUs used since the onset, mean, and in its busiest window.
  double cpus = 0;
  double busiest_cpus = 0;
};

}  // namespace cpi

#endif  // CPI_INCIDENT_SUSPECT_H_
