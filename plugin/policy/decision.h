// What the policy decided in one tick: a value header.
#ifndef CPI_POLICY_DECISION_H_
#define CPI_POLICY_DECISION_H_

#include <vector>

#include "base/cgroup_id.h"
#include "model/score.h"
#include "policy/action.h"

namespace cpi {

// An open incident of which nobody else is to blame. It is said at every tick
// until the incident is over, for a model may want more samples first.
struct OwnDoing {
  CgroupId victim;
  Signal signal = Signal::cpi;
};

struct Decision {
  // In the order in which they are to be carried out.
  std::vector<Action> actions;
  std::vector<Notice> notices;
  // The world has been changed: what every victim on this host showed so far
  // is spent as evidence (Detector::spend).
  bool spent = false;
  std::vector<OwnDoing> own_doing;
};

}  // namespace cpi

#endif  // CPI_POLICY_DECISION_H_
