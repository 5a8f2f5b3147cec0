#include "policy/ledger.h"

#include <algorithm>
#include <utility>

#include "policy/guilt.h"

namespace cpi {
namespace {

template <class List>
auto find_in(List& list, const CgroupId& cgroup) -> decltype(list.data()) {
  const auto found =
      std::find_if(list.begin(), list.end(),
                   [&](const auto& item) { return item.cgroup == cgroup; });
  return found == list.end() ? nullptr : &*found;
}

void leave_alone(const PolicyConfig& config, PolicyState& state,
                 const CgroupId& cgroup, Instant now) {
  drop_charges(record_of(state, cgroup));
  book_end(state, cgroup, now);
  record_of(state, cgroup).hands_off_until = now + config.throttle.hold_time;
}

// The last change did not happen; a first cut leaves nothing.
void take_back(PolicyState& state, const CgroupId& cgroup) {
  Throttle* throttle = find_throttle(state, cgroup);
  if (!throttle) return;
  if (throttle->previous > 0) {
    throttle->quota = throttle->previous;
    return;
  }
  std::erase_if(state.throttles,
                [&](const Throttle& t) { return t.cgroup == cgroup; });
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
  state.throttles.push_back(std::move(throttle));
}

void follow(const PolicyConfig& config, PolicyState& state,
            const LiveThrottle& live, Instant now) {
  Throttle* throttle = find_throttle(state, live.cgroup);
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

Throttle* find_throttle(PolicyState& state, const CgroupId& cgroup) {
  return find_in(state.throttles, cgroup);
}

const Throttle* find_throttle(const PolicyState& state,
                              const CgroupId& cgroup) {
  return find_in(state.throttles, cgroup);
}

const Record* find_record(const PolicyState& state, const CgroupId& cgroup) {
  return find_in(state.records, cgroup);
}

Record& record_of(PolicyState& state, const CgroupId& cgroup) {
  if (Record* found = find_in(state.records, cgroup)) return *found;
  state.records.push_back({});
  state.records.back().cgroup = cgroup;
  return state.records.back();
}

void book_cut(const ThrottleConfig& config, PolicyState& state,
              const BatchUse& use, const CgroupId& victim, const Cut& cut,
              Instant now) {
  Record& record = record_of(state, use.cgroup);
  Throttle* live = find_throttle(state, use.cgroup);
  remember_harm(config, record, cut.before, harm_returns(live, record, now),
                now);
  record.adjustments.push_back(now);
  if (!live) {
    live = &state.throttles.emplace_back();
    live->cgroup = use.cgroup;
    live->workload = use.workload;
    live->start = cut.before;
    live->since = now;
  }
  live->victim = victim;
  live->previous = std::exchange(live->quota, cut.quota);
  live->changed = now;
  live->leased_until = now + config.lease;
  live->rising = false;
}

void book_end(PolicyState& state, const CgroupId& cgroup, Instant end) {
  const Throttle* throttle = find_throttle(state, cgroup);
  if (!throttle) return;
  book(record_of(state, cgroup), *throttle, end);
  std::erase_if(state.throttles,
                [&](const Throttle& t) { return t.cgroup == cgroup; });
}

void forget_old(PolicyState& state, Instant now) {
  for (std::size_t i = state.throttles.size(); i-- > 0;) {
    const Throttle throttle = state.throttles[i];
    if (throttle.leased_until <= now) {
      book_end(state, throttle.cgroup, throttle.leased_until);
    }
  }
  std::erase_if(state.exonerations,
                [&](const Exoneration& e) { return e.until <= now; });
  std::erase_if(state.records, [&](Record& record) {
    return forget_old(record, now) && !find_throttle(state, record.cgroup);
  });
}

void book_outcome(const PolicyConfig& config, PolicyState& state,
                  const ActionOutcome& outcome, Instant now) {
  switch (outcome.kind) {
    case ActionOutcome::Kind::done:
      if (Throttle* throttle = find_throttle(state, outcome.cgroup)) {
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
  const std::vector<LiveThrottle>& live = in_force.throttles;
  const std::vector<Throttle> known = state.throttles;
  for (const Throttle& throttle : known) {
    if (!find_in(live, throttle.cgroup)) {
      book_end(state, throttle.cgroup, now);
    }
  }
  for (const LiveThrottle& one : live) follow(config, state, one, now);
  state.frozen_until = now + in_force.frozen;
}

}  // namespace cpi
