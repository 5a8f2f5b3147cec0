#include "policy/candidate.h"

#include <algorithm>

#include "policy/effect.h"
#include "policy/escalation.h"
#include "policy/guilt.h"
#include "policy/throttle.h"

namespace cpi {
namespace {

// Harm up to so many times what is to be expected of a culprit may be all its
// own: neither is known to more than that.
constexpr double kMargin = 1.5;
constexpr double kMost = 0.5;
// So many times QuietTime after it got CPU back a culprit hurts again, if it
// does.
constexpr int kSoon = 3;

// Of its CPU, which it has now.
double share_of(const Throttle* live) {
  return live ? static_cast<double>(live->quota) /
                    static_cast<double>(live->start)
              : 1;
}

// The harm began long after its CPU was changed last: had it done that, it
// would have begun at once. What it does with little CPU is found out slowly.
bool is_too_late(const Matter& matter, const Record& record,
                 const Throttle* live) {
  if (kMargin * share_of(live) < 1) return false;
  const Instant onset = matter.incident.onset;
  Instant changed = onset;
  if (live) {
    changed = live->changed;
  } else if (!record.throttled.empty()) {
    changed = record.throttled.back().end;
  }
  return onset - changed > kSoon * matter.config.throttle.quiet_time;
}

bool can_be_cut(const Matter& matter, const Suspect& suspect,
                const BatchUse& use, const Record& record,
                const Throttle* live) {
  const ThrottleConfig& config = matter.config.throttle;
  const Instant now = matter.situation.now;
  const Duration left = allowance(config, record, live, now);
  return next_cut(config, live, most_of(use, suspect.busiest_cpus))
             .has_value() &&
         is_allowed(config, left, live, matter.situation.window) &&
         record.hands_off_until <= now &&
         may_cut(matter.config.escalation, record);
}

// A culprit is held against what it did while it had its CPU.
void compare(const Matter& matter, const Record& record, const Throttle* live,
             Candidate& culprit) {
  const Incident& incident = matter.incident;
  const Unthrottled* then = find_unthrottled(record, matter.complaint);
  const double before = then ? then->harm.deviation : 0;
  const double expected = share_of(live) * before;
  culprit.suffices = at_least(incident) <= kMargin * expected;
  culprit.would_do_more =
      at_most(incident) < matter.config.effect.min_improvement * expected;
  if (!culprit.guilty_of_this) return;
  culprit.has_helped = incident.deviation <= kMost * before;
  const bool too_much = then && !culprit.suffices;
  // Its use may come and go, and the harm with it.
  const bool too_late =
      !culprit.suspect->explains && is_too_late(matter, record, live);
  culprit.doubtful = too_much || too_late;
}

}  // namespace

Candidate weigh(const Matter& matter, const Suspect& suspect,
                const BatchUse& use, const Record& record,
                const Throttle* live) {
  const Instant now = matter.situation.now;
  Candidate candidate;
  candidate.suspect = &suspect;
  candidate.can_be_cut = can_be_cut(matter, suspect, use, record, live);
  candidate.throttled = live != nullptr;
  candidate.held_down = live && !live->rising;
  candidate.guilty = is_guilty(record, now);
  if (!candidate.guilty) return candidate;
  candidate.proven = is_proven(record, now);
  candidate.guilty_of_this = find_guilt(record, matter.complaint, now);
  compare(matter, record, live, candidate);
  return candidate;
}

Millicores most_of(const BatchUse& use, double busiest_cpus) {
  Millicores most = to_millicores(std::max(use.cpus, busiest_cpus));
  if (use.declared) most = std::min(most, *use.declared);
  return most;
}

}  // namespace cpi
