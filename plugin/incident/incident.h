// Anomalies that persist: the value header of this stage.
#ifndef CPI_INCIDENT_INCIDENT_H_
#define CPI_INCIDENT_INCIDENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cgroup_id.h"
#include "base/units.h"
#include "model/score.h"

namespace cpi {

// Which rule found it.
enum class Rule { consecutive, count, cumulative_sum };

// How bad it is; decides between adjusting and rescheduling.
enum class IncidentClass { mild, strong, severe };

std::string_view to_string(Rule rule);
std::string_view to_string(IncidentClass incident_class);

// One window that speaks for the incident.
struct Evidence {
  Instant time{};  // end of the window
  Score score;
};

// An effective incident of one replica and signal.
struct Incident {
  std::string service;
  CgroupId victim;
  Signal signal = Signal::cpi;
  // End of the first window of the evidence: when it began, as far as can be
  // told. Before `effective`.
  Instant onset{};
  // When it was found, and the last window that belongs to it.
  Instant effective{};
  Instant last{};
  Rule rule = Rule::consecutive;
  IncidentClass incident_class = IncidentClass::mild;
  // Mean and peak of unclipped deviations, and mean of value ÷ expected, over
  // the evidence.
  double deviation = 0;
  double peak = 0;
  double excess = 1;
  // Whether it may lead to actions: false while the model is unverified.
  bool may_act = false;
  // No batch ran: the service itself changed, and nobody else is to blame.
  bool own_doing = false;
  // It was not seen to end: nothing was measured for too long, or what is
  // expected changed.
  bool voided = false;
  // Times the evidence was complete: 1 when it opens, one more whenever it is
  // complete again after an action had spent it.
  int effects = 0;
  // Windows since the onset that say something, oldest first; at most 60.
  std::vector<Evidence> evidence;
};

}  // namespace cpi

#endif  // CPI_INCIDENT_INCIDENT_H_
