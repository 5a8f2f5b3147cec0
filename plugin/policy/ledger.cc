#include "policy/ledger.h"

#include <utility>

#include "policy/guilt.h"

namespace cpi {
namespace {

void leave_alone(const PolicyConfig& config, PolicyState& state,
                 const CgroupId& cgroup, Instant now) {
  drop_charges(record_of(state, cgroup));
  book_end(state, cgroup, now);
  record_of(state, cgroup).hands_off_until = now + config.throttle.hold_time;
}

// The last change did not happen; a first cut leaves nothing.
void take_back(PolicyState& state, const CgroupId& cgroup) {
  Throttle* throttle = state.throttles.find(cgroup);
  if (!throttle) return;
  if (throttle->previous > 0) {
    throttle->quota = throttle->previous;
    return;
  }
  state.throttles.erase(cgroup);
}

// A throttle that the state knows nothing of: begun by an agent that died
// before it saved. What it began with is lost, so one step leads out of it.
void take_over(PolicyState& state, const LiveThrottle& live, Instant now) {
  Throttle throttle;
  throttle.cgroup = live.cgroup;
  throttle.workload = live.workload;
  throttle.quota = live.quota;
  throttle.previous = live.quota;
  throttle.start = live.original > 0 ? live.original : live.quota;
  throttle.since = now;
  throttle.changed = now;
  throttle.leased_until = now + live.lease;
  state.throttles.add(std::move(throttle));
}

void follow(const PolicyConfig& config, PolicyState& state,
            const LiveThrottle& live, Instant now) {
  Throttle* throttle = state.throttles.find(live.cgroup);
  switch (live.state) {
    case LiveThrottle::State::foreign:
      leave_alone(config, state, live.cgroup, now);
      return;
    case LiveThrottle::State::gone:
      book_end(state, live.cgroup, now);
      return;
    case LiveThrottle::State::reverted:
      // Renewed at the next tick, which applies it again; the helper says
      // when it has been put back too often.
      if (throttle) throttle->leased_until = now + config.throttle.lease / 4;
      return;
    case LiveThrottle::State::ours:
      break;
  }
  if (!throttle) return take_over(state, live, now);
  throttle->quota = live.quota;
  throttle->leased_until = now + live.lease;
}

}  // namespace

Record& record_of(PolicyState& state, const CgroupId& cgroup) {
  if (Record* found = state.records.find(cgroup)) return *found;
  Record record;
  record.cgroup = cgroup;
  return state.records.add(std::move(record));
}

void book_cut(const ThrottleConfig& config, PolicyState& state,
              const BatchUse& use, const CgroupId& victim, const Cut& cut,
              Instant now) {
  Record& record = record_of(state, use.cgroup);
  Throttle* live = state.throttles.find(use.cgroup);
  remember_harm(config, record, cut.before, harm_returns(live, record, now),
                now);
  record.adjustments.push_back(now);
  if (!live) {
    Throttle begun;
    begun.cgroup = use.cgroup;
    begun.workload = use.workload;
    begun.start = cut.before;
    begun.since = now;
    live = &state.throttles.add(std::move(begun));
  }
  live->victim = victim;
  live->previous = std::exchange(live->quota, cut.quota);
  live->changed = now;
  live->leased_until = now + config.lease;
  live->rising = false;
}

void book_end(PolicyState& state, const CgroupId& cgroup, Instant end) {
  const Throttle* throttle = state.throttles.find(cgroup);
  if (!throttle) return;
  book(record_of(state, cgroup), *throttle, end);
  state.throttles.erase(cgroup);
}

void forget_old(PolicyState& state, Instant now) {
  state.throttles.erase_if([&](const Throttle& throttle) {
    const Instant end = throttle.leased_until;
    if (end > now) return false;
    book(record_of(state, throttle.cgroup), throttle, end);
    return true;
  });
  std::erase_if(state.exonerations,
                [&](const Exoneration& e) { return e.until <= now; });
  state.records.erase_if([&](Record& record) {
    return forget_old(record, now) && !state.throttles.find(record.cgroup);
  });
}

void book_outcome(const PolicyConfig& config, PolicyState& state,
                  const ActionOutcome& outcome, Instant now) {
  switch (outcome.kind) {
    case ActionOutcome::Kind::done:
      if (Throttle* throttle = state.throttles.find(outcome.cgroup)) {
        if (outcome.quota > 0) throttle->quota = outcome.quota;
        // From here a failure has this to go back to.
        throttle->previous = throttle->quota;
      }
      return;
    case ActionOutcome::Kind::gone:
      return book_end(state, outcome.cgroup, now);
    case ActionOutcome::Kind::foreign:
      return leave_alone(config, state, outcome.cgroup, now);
    case ActionOutcome::Kind::refused:
      take_back(state, outcome.cgroup);
      drop_charges(record_of(state, outcome.cgroup));
      record_of(state, outcome.cgroup).hands_off_until =
          now + config.throttle.hold_time;
      return;
    case ActionOutcome::Kind::failed:
      return take_back(state, outcome.cgroup);
  }
}

void reconcile(const PolicyConfig& config, PolicyState& state,
               const InForce& in_force, Instant now) {
  state.throttles.erase_if([&](const Throttle& throttle) {
    if (in_force.throttles.find(throttle.cgroup)) return false;
    book(record_of(state, throttle.cgroup), throttle, now);
    return true;
  });
  for (const LiveThrottle& live : in_force.throttles) {
    follow(config, state, live, now);
  }
  state.frozen_until = now + in_force.frozen;
}

}  // namespace cpi
