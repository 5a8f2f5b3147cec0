// incident/suspects and policy/: whom to blame, how far to turn it down, when
// to give up, and when to ask for more. Everything may be changed at run time;
// what is live keeps the terms it was begun with until its next step.
#ifndef CPI_BASE_CONFIG_POLICY_H_
#define CPI_BASE_CONFIG_POLICY_H_

#include <cstdint>
#include <string>

#include "base/units.h"

namespace cpi {

struct SuspectsConfig {
  // Windows of history that usage and deviations are compared over, 10…360.
  // It has to reach back to well before an incident: what was there all the
  // time explains nothing. Longer: fewer coincidences; a culprit that has run
  // for long is told apart from the others for as much longer.
  std::uint64_t windows = 60;
  // Correlation from which a suspect explains an incident, 0.05…1; CPI²
  // (EuroSys 2013, §4.2) acts from 0.35 as well. Lower: innocents are turned
  // down; higher: more is left to probing.
  double min_correlation = 0.35;
  // Suspects whose correlations differ by less are equally suspicious, and
  // the one that uses more CPU goes first, 0…1.
  double tie = 0.1;
  // Containers using less since the onset are no suspects, CPUs, ≥ 0. Lower:
  // more, and weaker, suspects.
  double min_cpus = 0.25;

  friend bool operator==(const SuspectsConfig&,
                         const SuspectsConfig&) = default;
};

struct ThrottleConfig {
  // Each cut multiplies the quota by this, 0.1…0.7: above, GiveUpAfter cuts
  // take too little away for an effect to be seen. Lower: sooner relief, and
  // more of the batch's work lost.
  double factor = 0.5;
  // Each step back adds this share of what the container used at first,
  // 0.01…1. Higher: sooner whole again, and sooner harmful again.
  double step = 0.1;
  // Time without an anomaly and without a change before each step back; at
  // least a few windows. Shorter: as a higher step.
  Duration quiet_time = std::chrono::minutes(2);
  // No quota below, CPUs, ≥ 0.01. The helper has a floor of its own.
  double min_quota = 0.05;
  // A quota at which harm was seen is not come near for so long, doubled
  // whenever harm returns with the quota, up to the maximum. Incidents within
  // it are one episode, with one alarm. Shorter: batch gets its CPU back
  // sooner, and the service is hurt more often.
  Duration hold_time = std::chrono::minutes(30);
  Duration max_hold_time = std::chrono::hours(8);
  // How much of its harmful quota a container gets while it is remembered,
  // 0.5…1.
  double safe_share = 0.9;
  // No container is throttled for longer within any 24 hours, renewals
  // included. 0: never throttled.
  Duration max_throttled_time = std::chrono::hours(2);
  // The helper's timer takes back what is not renewed within this; renewed at
  // half of it. Shorter: a dead agent leaves its throttles for less long;
  // longer: fewer calls. At least a few windows.
  Duration lease = std::chrono::minutes(2);

  friend bool operator==(const ThrottleConfig&,
                         const ThrottleConfig&) = default;
};

struct EffectConfig {
  // Cuts in a row after which a suspect must have been seen to matter, 1…10.
  // Higher: harm that only yields at small quotas is still found, and
  // innocents are cut deeper before they are let go.
  std::uint64_t give_up_after = 2;
  // The victim's deviation must have fallen by this share for a cut to have
  // helped, 0.05…0.9. Lower: chance looks like help; higher: one of several
  // culprits looks innocent.
  double min_improvement = 0.25;
  // A suspect found innocent is not suspected again, on behalf of the same
  // victim, for so long. Longer: a real culprit once missed is free for longer.
  Duration exonerated_for = std::chrono::hours(1);

  friend bool operator==(const EffectConfig&, const EffectConfig&) = default;
};

struct EscalationConfig {
  // More cuts of one container within an hour than this, and it is asked to
  // move, 1…100. Also the most it is ever cut within an hour.
  std::uint64_t max_adjustments = 5;
  // A container that began with at least twice this quota, CPUs, and is cut to
  // less, is asked to move: so little CPU is no use to it. 0: never.
  double reschedule_below = 1;
  // Requests to move one container within 24 hours, 0…10. 0: never.
  std::uint64_t max_reschedules = 2;
  // With so much of max_throttled_time left it is asked to move, so that the
  // throttle can last until it has.
  Duration reschedule_lead = std::chrono::minutes(10);
  // With every request the host takes no new batch container for so long, give
  // or take the jitter, so that a fleet does not thaw all at once. A running
  // freeze is never extended. 0: no freeze.
  Duration freeze_time = std::chrono::minutes(30);
  double freeze_jitter = 0.2;

  friend bool operator==(const EscalationConfig&,
                         const EscalationConfig&) = default;
};

struct PolicyConfig {
  // Whether anything is touched. While false every decision is made and
  // reported as what would be done.
  bool act = false;
  // What to do when no suspect's CPU use explains an incident: "probe", turn
  // one suspect down at a time, in a crowd several, and watch whether it helps;
  // "all", turn all of them down together; "none", report, and leave everybody
  // alone.
  std::string when_unattributed = "probe";
  ThrottleConfig throttle;
  EffectConfig effect;
  EscalationConfig escalation;

  friend bool operator==(const PolicyConfig&, const PolicyConfig&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_POLICY_H_
