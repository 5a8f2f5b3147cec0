#include "policy/turn.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/effect.h"
#include "policy/escalation.h"
#include "policy/ledger.h"

namespace cpi {

Turn::Turn(const PolicyConfig& policy_config, PolicyState& policy_state,
           const Situation& what_is_known)
    : config(policy_config),
      state(policy_state),
      situation(what_is_known),
      now(what_is_known.now) {}

bool is_worse(const Incident& a, const Incident& b) {
  return std::pair(a.incident_class, a.deviation) >
         std::pair(b.incident_class, b.deviation);
}

const Incident* worst_of(const Victim& victim) {
  const Incident* worst = nullptr;
  for (const Incident* incident : victim.incidents) {
    if (!worst || is_worse(*incident, *worst)) worst = incident;
  }
  return worst;
}

const Incident* Turn::open_incident(const Case& plaintiff) const {
  const Victim* victim = situation.victims.find(plaintiff.victim);
  if (!victim) return nullptr;
  if (!plaintiff.trial) return worst_of(*victim);
  for (const Incident* incident : victim->incidents) {
    if (incident->signal == plaintiff.trial->signal) return incident;
  }
  return nullptr;
}

bool Turn::is_harmed(const Case& plaintiff) const {
  const Victim* victim = situation.victims.find(plaintiff.victim);
  return victim && !victim->incidents.empty();
}

void Turn::act(Verb verb, const Why& why, const std::string& workload) {
  decision.actions.push_back({std::move(verb), why, workload, !config.act});
}

Why Turn::why_of(const Case& plaintiff, Reason reason) {
  Why why;
  why.reason = reason;
  why.service = plaintiff.service;
  why.victim = plaintiff.victim;
  why.signal = plaintiff.signal;
  why.deviation = plaintiff.deviation;
  if (plaintiff.trial) why.correlation = plaintiff.trial->correlation;
  return why;
}

void Turn::tell(Case& plaintiff, Reason reason) {
  if (std::exchange(plaintiff.told, true)) return;
  decision.notices.push_back(
      {Notice::Kind::harmed, why_of(plaintiff, reason), {}});
}

void Turn::ask_to_move(const CgroupId& cgroup, const Why& why) {
  Record& record = record_of(state, cgroup);
  if (!may_ask(config.escalation, record, now)) return;
  record.reschedules.push_back(now);
  const BatchUse* use = situation.batch.find(cgroup);
  act(Reschedule{cgroup}, why, use ? use->workload : std::string());
  decision.notices.push_back({Notice::Kind::rescheduled, why, cgroup});
  const bool frozen = now < state.frozen_until;
  if (frozen || config.escalation.freeze_time <= Duration{}) return;
  const Duration length = freeze_length(config.escalation, state.seed);
  state.frozen_until = now + length;
  if (Case* plaintiff = state.cases.find(why.victim)) plaintiff->froze = true;
  act(Freeze{length}, why);
}

void Turn::raise(Throttle& live, Millicores quota, Duration lease,
                 const Why& why) {
  act(Raise{live.cgroup, live.quota, quota, lease}, why, live.workload);
  live.previous = std::exchange(live.quota, quota);
  live.changed = now;
  live.leased_until = now + lease;
}

void Turn::release(const CgroupId& cgroup, const Why& why) {
  const Throttle* live = state.throttles.find(cgroup);
  if (!live) return;
  act(Release{cgroup, live->quota}, why, live->workload);
  book_end(state, cgroup, now);
}

void Turn::note_harm(const CgroupId& cgroup) {
  std::vector<Unthrottled>& noted = record_of(state, cgroup).unthrottled;
  for (const Victim& victim : situation.victims) {
    for (const Incident* open : victim.incidents) {
      const Complaint complaint{victim.cgroup, open->signal};
      const Harmed harm = harmed_in(*open);
      const auto known = std::find_if(
          noted.begin(), noted.end(),
          [&](const Unthrottled& u) { return u.complaint == complaint; });
      if (known == noted.end()) {
        noted.push_back({complaint, harm});
      } else if (harm.deviation > known->harm.deviation) {
        known->harm = harm;
      }
    }
  }
}

void Turn::spend() {
  decision.spent = true;
  for (Case& plaintiff : state.cases) {
    const Victim* victim = situation.victims.find(plaintiff.victim);
    if (!victim) continue;
    for (const Incident* open : victim->incidents) {
      plaintiff.spent[static_cast<int>(open->signal)] = {open->effective,
                                                         open->effects};
    }
  }
}

}  // namespace cpi
