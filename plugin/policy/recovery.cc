#include "policy/recovery.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "policy/guilt.h"
#include "policy/ledger.h"
#include "policy/throttle.h"

namespace cpi {
namespace {

// One live throttle, and what decides about it.
struct Held {
  Throttle& live;
  const Record& record;
  Case* plaintiff;  // on whose behalf; null where nobody is harmed any more
  bool on_trial;
  Duration left;  // of the container's allowance, which no lease outlives
};

bool is_quiet(const Turn& turn, const Held& held) {
  Instant since = held.live.changed;
  if (const Case* plaintiff = held.plaintiff) {
    if (turn.is_harmed(*plaintiff)) return false;
    const bool watched = turn.situation.victims.find(plaintiff->victim);
    if (watched && held.on_trial) return false;
    since = std::max(since, plaintiff->harmed);
  }
  return turn.now - since >= turn.config.throttle.quiet_time;
}

Duration lease_for(const Turn& turn, const Held& held) {
  return std::min(held.left, turn.config.throttle.lease);
}

void raise(Turn& turn, const Held& held, Millicores quota, const Why& why) {
  turn.raise(held.live, quota, lease_for(turn, held), why);
  held.live.rising = true;
}

void renew(Turn& turn, const Held& held, Why why) {
  Throttle& live = held.live;
  if (live.leased_until - turn.now > turn.config.throttle.lease / 2) return;
  const Duration lease = lease_for(turn, held);
  why.reason = Reason::lease;
  live.leased_until = turn.now + lease;
  turn.act(Renew{live.cgroup, live.quota, lease}, why, live.workload);
}

// Turned down in a trial that ended without a verdict: at a restart, or because
// its victim was lost sight of. Nobody would ever find out about it.
bool is_left_over(const Turn& turn, const Held& held) {
  return held.live.victim.inode != 0 && !held.on_trial &&
         !is_guilty(held.record, turn.now);
}

// What is to be done about it, if anything; a reason if it is to be released.
std::optional<Reason> go_on(Turn& turn, const Held& held, Why why) {
  const ThrottleConfig& config = turn.config.throttle;
  why.reason = Reason::allowance;
  if (held.left <= turn.config.escalation.reschedule_lead &&
      is_proven(held.record, turn.now)) {
    turn.ask_to_move(held.live.cgroup, why);
  }
  if (!is_allowed(config, held.left, &held.live, turn.situation.window)) {
    // Let go by the clock: that the victim is well without it is to be seen.
    if (held.plaintiff) held.plaintiff->harmed = turn.now;
    return Reason::allowance;
  }
  if (is_left_over(turn, held)) {
    turn.spend();
    return Reason::unproven;
  }
  why.reason = Reason::calm;
  std::optional<Millicores> next;
  if (is_quiet(turn, held)) {
    next = next_raise(config, held.live, held.record, turn.now);
  }
  if (next && *next >= held.live.start) return Reason::calm;
  if (next) {
    raise(turn, held, *next, why);
  } else {
    renew(turn, held, why);
  }
  return std::nullopt;
}

// This victim has been well for long while all who are free had their CPU.
void forget_harm_to(Turn& turn, const CgroupId& victim) {
  for (Record& record : turn.state.records) {
    if (turn.state.throttles.find(record.cgroup)) continue;
    std::erase_if(record.unthrottled, [&](const Unthrottled& then) {
      return then.complaint.victim == victim;
    });
  }
}

}  // namespace

void give_back(Turn& turn) {
  PolicyState& state = turn.state;
  std::unordered_set<const Throttle*> on_trial;
  for (const Case& plaintiff : state.cases) {
    if (!plaintiff.trial) continue;
    for (const CgroupId& suspect : plaintiff.trial->suspects) {
      on_trial.insert(state.throttles.find(suspect));
    }
  }
  std::vector<std::pair<CgroupId, Why>> over;
  for (Throttle& live : state.throttles) {
    if (!turn.situation.batch.find(live.cgroup)) continue;
    const Record& record = record_of(state, live.cgroup);
    const Held held{live, record, state.cases.find(live.victim),
                    on_trial.count(&live) > 0,
                    allowance(turn.config.throttle, record, &live, turn.now)};
    Why why = held.plaintiff ? Turn::why_of(*held.plaintiff, {}) : Why{};
    const auto reason = go_on(turn, held, why);
    if (!reason) continue;
    why.reason = *reason;
    over.emplace_back(live.cgroup, why);
  }
  for (const auto& [cgroup, why] : over) turn.release(cgroup, why);
}

void close_cases(Turn& turn) {
  turn.state.cases.erase_if([&turn](const Case& plaintiff) {
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
