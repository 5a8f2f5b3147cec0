// What one tick knows, as the policy needs it.
#ifndef CPI_POLICY_SITUATION_H_
#define CPI_POLICY_SITUATION_H_

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/by_cgroup.h"
#include "base/cgroup_id.h"
#include "base/units.h"
#include "incident/incident.h"
#include "incident/suspect.h"
#include "policy/action.h"

namespace cpi {

// One replica of a service in this window. The incidents belong to whoever
// detected them and are only looked at during the call.
struct Victim {
  std::string service;
  CgroupId cgroup;
  // Open ones, one per signal at most, and which signals were measured at all
  // in this window: of the others nothing is known, whatever was before.
  std::vector<const Incident*> incidents;
  std::array<bool, kSignals> measured{};
  // The incident ended in this window without having been seen to end.
  std::array<bool, kSignals> voided{};
  // Some signal was anomalous in this window.
  bool anomaly = false;
};

// One batch container in this window.
struct BatchUse {
  CgroupId cgroup;
  std::string workload;
  double cpus = 0;
  // The most it declares to need, where that is known. Its limit does not
  // matter here: it cannot use more.
  std::optional<Millicores> declared;
};

struct Situation {
  Instant now{};
  Duration window{};
  ByCgroup<Victim> victims;
  ByCgroup<BatchUse> batch;
};

// Ranks the suspects of an incident; asked only when its evidence is complete.
// Never null; valid until the next is asked for.
using Ranker = std::function<const std::vector<Suspect>*(const Incident&)>;

}  // namespace cpi

#endif  // CPI_POLICY_SITUATION_H_
