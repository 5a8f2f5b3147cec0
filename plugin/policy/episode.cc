#include "policy/episode.h"

#include <algorithm>
#include <utility>

#include "policy/effect.h"
#include "policy/guilt.h"
#include "policy/ledger.h"
#include "policy/throttle.h"

namespace cpi {
namespace {

// A trial whose signal is lost for longer must not keep harm in another one
// from being answered.
constexpr int kMaxUnmeasured = 3;
// So many times QuietTime a group is watched before half of it is let go, even
// if there is an anomaly now and then: all other victims are waiting.
constexpr int kPatience = 4;

Case& open_case(Turn& turn, const Victim& victim, const Incident& incident) {
  Case plaintiff;
  plaintiff.service = victim.service;
  plaintiff.victim = victim.cgroup;
  plaintiff.began = incident.onset;
  return turn.state.cases.add(std::move(plaintiff));
}

void follow(Turn& turn, const Victim& victim) {
  const Incident* incident = worst_of(victim);
  if (!incident && !victim.anomaly) return;
  Case* plaintiff = turn.state.cases.find(victim.cgroup);
  if (incident && !plaintiff) plaintiff = &open_case(turn, victim, *incident);
  if (!plaintiff) return;
  plaintiff->harmed = turn.now;
  if (!incident) return;
  if (!plaintiff->trial) plaintiff->signal = incident->signal;
  plaintiff->deviation = incident->deviation;
  if (is_lasting(*incident)) {
    turn.tell(*plaintiff,
              incident->own_doing ? Reason::own_doing : Reason::probe);
  }
}

// Nothing was wrong, and nothing was changed, for a while.
bool is_calm(const Turn& turn, const Case& plaintiff) {
  Instant since = plaintiff.trial->narrowed;
  for (const CgroupId& suspect : plaintiff.trial->suspects) {
    const Throttle* live = turn.state.throttles.find(suspect);
    if (live) since = std::max(since, live->changed);
  }
  const Duration quiet = turn.config.throttle.quiet_time;
  return turn.now - std::max(since, plaintiff.harmed) >= quiet ||
         turn.now - since >= kPatience * quiet;
}

// One of those on trial has ended: if the harm has as well, nobody can tell
// whether the others had anything to do with it.
bool has_lost_one(const Turn& turn, const Trial& trial) {
  return !std::all_of(trial.suspects.begin(), trial.suspects.end(),
                      [&turn](const CgroupId& suspect) {
                        return turn.situation.batch.find(suspect) != nullptr;
                      });
}

void conclude(Turn& turn, Case& plaintiff) {
  const Victim* victim = turn.situation.victims.find(plaintiff.victim);
  if (!victim) return;
  if (turn.open_incident(plaintiff)) {
    if (plaintiff.trial) plaintiff.trial->unmeasured = 0;
    return;
  }
  if (!plaintiff.trial) return;
  Trial& trial = *plaintiff.trial;
  const int signal = static_cast<int>(trial.signal);
  if (!victim->measured[signal]) {
    const bool other = !victim->incidents.empty();
    if (++trial.unmeasured <= kMaxUnmeasured || !other) return;
  }
  const bool ended = victim->measured[signal] && !victim->voided[signal];
  if (ended && is_in_force(turn, trial) && !has_lost_one(turn, trial)) {
    const bool narrowing = is_group(trial) || trial.narrowed > Instant{};
    if (narrowing && !is_calm(turn, plaintiff)) return;
    if (is_group(trial)) return narrow(turn, plaintiff, trial);
    convict(turn, plaintiff, trial, true);
  }
  plaintiff.trial.reset();
}

bool is_open(const Victim& victim, int signal) {
  return std::any_of(victim.incidents.begin(), victim.incidents.end(),
                     [&](const Incident* incident) {
                       return static_cast<int>(incident->signal) == signal;
                     });
}

// What was found out about harm that is over is of no use for the next, but for
// whose turn it is.
void close_inquiries(const Turn& turn, Case& plaintiff) {
  const Victim* victim = turn.situation.victims.find(plaintiff.victim);
  if (!victim) return;
  for (int signal = 0; signal < kSignals; ++signal) {
    const bool tried =
        plaintiff.trial && static_cast<int>(plaintiff.trial->signal) == signal;
    if (tried || is_open(*victim, signal)) continue;
    Inquiry& inquiry = plaintiff.inquiries[signal];
    const Instant turn_comes = inquiry.resting_until;
    inquiry = {};
    inquiry.resting_until = turn_comes;
  }
}

}  // namespace

bool is_in_force(const Turn& turn, const Trial& trial) {
  return std::all_of(trial.suspects.begin(), trial.suspects.end(),
                     [&turn](const CgroupId& suspect) {
                       const Throttle* live =
                           turn.state.throttles.find(suspect);
                       const BatchUse* use = turn.situation.batch.find(suspect);
                       return !live || !use || in_force(live->quota, use->cpus);
                     });
}

bool is_group(const Trial& trial) {
  return trial.reason == Reason::probe && trial.suspects.size() > 1;
}

void narrow(Turn& turn, const Case& plaintiff, Trial& trial) {
  const std::size_t left = (trial.suspects.size() + 1) / 2;
  for (std::size_t i = left; i < trial.suspects.size(); ++i) {
    turn.release(trial.suspects[i], Turn::why_of(plaintiff, Reason::unproven));
  }
  trial.suspects.resize(left);
  trial.narrowed = turn.now;
  turn.spend();
}

void convict(Turn& turn, const Case& plaintiff, Trial& trial, bool proven) {
  // One trial proves no more than once.
  const bool proof = ((proven && !trial.doubtful) || trial.stands_out) &&
                     trial.suspects.size() == 1 &&
                     !std::exchange(trial.proven, true);
  const Complaint complaint{plaintiff.victim, trial.signal};
  for (const CgroupId& suspect : trial.suspects) {
    if (!turn.state.throttles.find(suspect)) continue;
    Record& record = record_of(turn.state, suspect);
    record.present = true;
    Guilt& guilt = charge(record, complaint, turn.now + kDay);
    guilt.explained = guilt.explained || trial.stands_out;
    guilt.proofs += proof;
    std::erase_if(turn.state.exonerations, [&](const Exoneration& e) {
      return e.suspect == suspect && e.complaint == complaint;
    });
  }
}

void follow_victims(Turn& turn) {
  for (const Victim& victim : turn.situation.victims) follow(turn, victim);
  for (Case& plaintiff : turn.state.cases) {
    conclude(turn, plaintiff);
    close_inquiries(turn, plaintiff);
  }
}

bool has_a_culprit_gone(Turn& turn) {
  bool gone = false;
  for (Record& record : turn.state.records) {
    const bool is_there = turn.situation.batch.find(record.cgroup) != nullptr;
    gone = gone || (record.present && !is_there && !record.guilts.empty());
    record.present = is_there;
  }
  if (gone) turn.spend();
  return gone;
}

}  // namespace cpi
