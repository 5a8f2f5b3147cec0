#include "policy/recovery.h"

#include <algorithm>
#include <vector>

#include "policy/guilt.h"
#include "policy/ledger.h"
#include "policy/throttle.h"
#include "policy/trial.h"

namespace cpi {
namespace {

bool is_on_trial(const Turn& turn, const CgroupId& cgroup) {
  const auto tries = [&](const Case& plaintiff) {
    const auto& trial = plaintiff.trial;
    return trial && std::find(trial->suspects.begin(), trial->suspects.end(),
                              cgroup) != trial->suspects.end();
  };
  return std::any_of(turn.state.cases.begin(), turn.state.cases.end(), tries);
}

bool is_quiet(const Turn& turn, const Throttle& throttle,
              const Case* plaintiff) {
  Instant since = throttle.changed;
  if (plaintiff) {
    if (turn.is_harmed(*plaintiff)) return false;
    const bool watched = turn.find_victim(plaintiff->victim) != nullptr;
    if (watched && is_on_trial(turn, throttle.cgroup)) return false;
    since = std::max(since, plaintiff->harmed);
  }
  return turn.now - since >= turn.config.throttle.quiet_time;
}

// `left`: of the container's allowance, which no lease outlives.
Duration lease_for(const Turn& turn, Duration left) {
  return std::min(left, turn.config.throttle.lease);
}

void raise(Turn& turn, Throttle& live, Millicores quota, Duration left,
           const Why& why) {
  turn.raise(live, quota, lease_for(turn, left), why);
  live.rising = true;
}

void renew(Turn& turn, Throttle& live, Duration left, Why why) {
  if (live.leased_until - turn.now > turn.config.throttle.lease / 2) return;
  const Duration lease = lease_for(turn, left);
  why.reason = Reason::lease;
  live.leased_until = turn.now + lease;
  turn.act(Renew{live.cgroup, live.quota, lease}, why, live.workload);
}

// Turned down in a trial that ended without a verdict: at a restart, or because
// its victim was lost sight of. Nobody would ever find out about it.
bool is_left_over(const Turn& turn, const Throttle& live) {
  return live.victim.inode != 0 && !is_on_trial(turn, live.cgroup) &&
         !is_guilty(turn.state, live.cgroup, turn.now);
}

void give_back(Turn& turn, const CgroupId& cgroup) {
  Throttle& live = *find_throttle(turn.state, cgroup);
  Case* plaintiff = turn.find_case(live.victim);
  Why why = plaintiff ? Turn::why_of(*plaintiff, Reason::calm) : Why{};
  const ThrottleConfig& config = turn.config.throttle;
  const Record& record = record_of(turn.state, cgroup);
  const Duration left = allowance(config, record, &live, turn.now);
  why.reason = Reason::allowance;
  if (left <= turn.config.escalation.reschedule_lead &&
      is_proven(turn.state, cgroup, turn.now)) {
    turn.ask_to_move(cgroup, why);
  }
  if (!is_allowed(config, left, &live, turn.situation.window)) {
    // Let go by the clock: that the victim is well without it is to be seen.
    if (plaintiff) plaintiff->harmed = turn.now;
    return turn.release(cgroup, why);
  }
  if (is_left_over(turn, live)) {
    why.reason = Reason::unproven;
    turn.release(cgroup, why);
    return turn.spend();
  }
  why.reason = Reason::calm;
  std::optional<Millicores> next;
  if (is_quiet(turn, live, plaintiff)) {
    next = next_raise(config, live, record, turn.now);
  }
  if (!next) return renew(turn, live, left, why);
  if (*next >= live.start) return turn.release(cgroup, why);
  raise(turn, live, *next, left, why);
}

// This victim has been well for long while all who are free had their CPU.
void forget_harm_to(Turn& turn, const CgroupId& victim) {
  for (Record& record : turn.state.records) {
    if (find_throttle(turn.state, record.cgroup)) continue;
    std::erase_if(record.unthrottled, [&](const Unthrottled& then) {
      return then.complaint.victim == victim;
    });
  }
}

}  // namespace

void give_back(Turn& turn) {
  std::vector<CgroupId> throttled;
  for (const Throttle& throttle : turn.state.throttles) {
    if (turn.find_use(throttle.cgroup)) {
      throttled.push_back(throttle.cgroup);
    }
  }
  for (const CgroupId& cgroup : throttled) give_back(turn, cgroup);
}

void close_cases(Turn& turn) {
  std::erase_if(turn.state.cases, [&turn](const Case& plaintiff) {
    const auto& throttles = turn.state.throttles;
    const bool held_back = std::any_of(
        throttles.begin(), throttles.end(),
        [&](const Throttle& t) { return t.victim == plaintiff.victim; });
    const ThrottleConfig& config = turn.config.throttle;
    const Duration rest =
        plaintiff.acted ? config.hold_time : config.quiet_time;
    const bool well =
        !turn.is_harmed(plaintiff) && turn.now - plaintiff.harmed >= rest;
    if (held_back || !well) return false;
    forget_harm_to(turn, plaintiff.victim);
    if (plaintiff.told) {
      turn.decision.notices.push_back(
          {Notice::Kind::recovered, Turn::why_of(plaintiff, Reason::calm), {}});
    }
    return true;
  });
}

}  // namespace cpi
