// What to do about an incident: the value header of this stage.
//
// Every kind of action is one verb of the setuid helper, with the helper's own
// units: lower (Lower, and Renew at an unchanged value), raise, release,
// freeze, thaw. Reschedule is the exception: no helper can move a container, so
// it becomes a notification that the cluster's handler listens to.
#ifndef CPI_POLICY_ACTION_H_
#define CPI_POLICY_ACTION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/cgroup_id.h"
#include "base/units.h"
#include "incident/incident.h"

namespace cpi {

// Quotas in thousandths of a CPU, as the helper speaks.
using Millicores = std::int64_t;

// A smaller quota than what is in force, until the lease ends.
struct Lower {
  CgroupId cgroup;
  // What was in force as far as is known: the throttle so far, the container's
  // limit, or what it used at most.
  Millicores before = 0;
  Millicores quota = 0;
  Duration lease{};
};

// A larger one, below the original.
struct Raise {
  CgroupId cgroup;
  Millicores before = 0;
  Millicores quota = 0;
  Duration lease{};
};

// The same for longer: `lower` to what is in force.
struct Renew {
  CgroupId cgroup;
  Millicores quota = 0;
  Duration lease{};
};

// The original, "max" included, as the helper has kept it.
struct Release {
  CgroupId cgroup;
  Millicores before = 0;
};

// No new batch container on this host until it ends by itself.
struct Freeze {
  Duration length{};
};

// Ends a freeze early: it was for nothing.
struct Thaw {};

// Asks the cluster's scheduler to run this container somewhere else.
struct Reschedule {
  CgroupId cgroup;
};

// Why, for people and for the journal.
enum class Reason {
  explains,        // its CPU use goes with the incident
  probe,           // nobody's does: to see whether it helps
  all_together,    // no single one helped: to see whether all do
  known,           // it has been seen to hurt this victim before
  calm,            // no harm for a while
  harmless,        // turning it down did not help
  allowance,       // throttled for as long as a day allows
  lease,           // about to end
  severe,          // too much harm to adjust
  adjusted_often,  // cut more than MaxAdjustments times within an hour
  too_little,      // under RescheduleBelow
  no_remedy,       // it explains the harm, and turning it down does not help
  own_doing,       // the service itself has changed
  unproven         // its trial ended without a verdict
};

std::string_view to_string(Reason reason);

// Interference slows the service's instructions; starvation keeps it from
// running at all, though its CPI may look fine. The remedies are the same.
enum class Harm { interference, starvation };

std::string_view to_string(Harm harm);
constexpr Harm harm_of(Signal signal) {
  return signal == Signal::cpu_wait ? Harm::starvation : Harm::interference;
}

struct Why {
  Reason reason = Reason::probe;
  // On whose behalf, and what was the matter; empty where nothing is any more.
  std::string service;
  CgroupId victim;
  Signal signal = Signal::cpi;
  // Of the incident, in standard deviations; of the suspect, −1…1.
  double deviation = 0;
  double correlation = 0;
};

using Verb =
    std::variant<Lower, Raise, Renew, Release, Freeze, Thaw, Reschedule>;

// The container it is done to, or null where it is done to the host.
inline const CgroupId* target_of(const Verb& verb) {
  return std::visit(
      [](const auto& one) -> const CgroupId* {
        if constexpr (requires { one.cgroup; }) return &one.cgroup;
        return nullptr;
      },
      verb);
}

struct Action {
  Verb verb;
  Why why;
  // The block of the container it is done to; empty for the host.
  std::string workload;
  // Only what would be done: nobody carries it out.
  bool dry_run = true;
};

// What people should hear of; each once per episode.
struct Notice {
  enum class Kind {
    harmed,       // a victim's episode began
    rescheduled,  // a container was asked to move, the host may be frozen
    recovered     // the episode is over and nothing is held back any more
  };
  Kind kind = Kind::harmed;
  Why why;
  // The container it is about, where there is one.
  CgroupId cgroup;
};

}  // namespace cpi

#endif  // CPI_POLICY_ACTION_H_
