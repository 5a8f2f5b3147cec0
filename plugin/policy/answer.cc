#include "policy/answer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/candidate.h"
#include "policy/effect.h"
#include "policy/episode.h"
#include "policy/escalation.h"
#include "policy/guilt.h"
#include "policy/ledger.h"
#include "policy/throttle.h"
#include "policy/trial.h"

namespace cpi {
namespace {

// Who is tried in vain for the second time in an incident is let off for so
// much longer. There may be somebody who cannot be tried.
constexpr int kAgain = 8;
// Windows for which a victim that nobody can be tried for is not asked again.
constexpr int kRest = 6;

// The one to be answered: that on trial, or the worst which is not the victim's
// own doing.
const Incident* to_answer(const Turn& turn, const Case& plaintiff) {
  if (plaintiff.trial) return turn.open_incident(plaintiff);
  const Victim* victim = turn.situation.victims.find(plaintiff.victim);
  if (!victim) return nullptr;
  const Incident* worst = nullptr;
  for (const Incident* incident : victim->incidents) {
    const int signal = static_cast<int>(incident->signal);
    const Inquiry& inquiry = plaintiff.inquiries[signal];
    if (inquiry.own_doing || turn.now < inquiry.resting_until) continue;
    if (!worst || is_worse(*incident, *worst)) worst = incident;
  }
  return worst;
}

// Since the last action, or since it began. An incident that may not be acted
// upon never is.
bool is_complete(const Incident& incident, const Case& plaintiff) {
  const Spent& spent = plaintiff.spent[static_cast<int>(incident.signal)];
  const bool seen = spent.effective == incident.effective;
  return incident.may_act && !incident.own_doing &&
         incident.effects > (seen ? spent.effects : 0);
}

bool is_deserted(const Turn& turn, const Trial& trial) {
  return std::none_of(trial.suspects.begin(), trial.suspects.end(),
                      [&turn](const CgroupId& suspect) {
                        return turn.situation.batch.find(suspect) != nullptr;
                      });
}

// Whether its trial shows anything: somebody is held down for it, and the
// victim is there to tell.
bool is_trying(const Turn& turn, const Case& plaintiff) {
  if (!plaintiff.trial || !turn.situation.victims.find(plaintiff.victim))
    return false;
  const std::vector<CgroupId>& suspects = plaintiff.trial->suspects;
  const bool held =
      std::any_of(suspects.begin(), suspects.end(), [&](const CgroupId& s) {
        return turn.state.throttles.find(s) != nullptr;
      });
  return held && is_in_force(turn, *plaintiff.trial);
}

// A victim to be answered, and the incident that is.
struct Due {
  Case* plaintiff;
  const Incident* incident;
};

// The worst first; but who was asked in vain waits for all who were not, or
// were before it: else a few that nobody can be tried for would keep the others
// from being asked.
bool is_before(const Due& a, const Due& b) {
  const auto rested = [](const Due& due) {
    const int signal = static_cast<int>(due.incident->signal);
    return due.plaintiff->trial
               ? Instant{}
               : due.plaintiff->inquiries[signal].resting_until;
  };
  if (rested(a) != rested(b)) return rested(a) < rested(b);
  return is_worse(*a.incident, *b.incident);
}

// One complete incident, and what is done about it.
class Answer {
 public:
  Answer(Turn& turn, Case& plaintiff, const Incident& incident,
         const Ranker& rank)
      : turn_(turn),
        plaintiff_(plaintiff),
        incident_(incident),
        complaint_{plaintiff.victim, incident.signal},
        inquiry_(
            plaintiff.inquiries[static_cast<std::size_t>(incident.signal)]),
        rank_(rank) {}

  void give() {
    if (plaintiff_.trial && pursue()) return;
    plaintiff_.trial.reset();
    const bool lasting = is_lasting(incident_);
    Choice choice = choose(turn_.config, turn_.state, plaintiff_, ranking(),
                           turn_.situation, incident_, lasting);
    if (choice.own_doing) absolve();
    if (!choice.trial) {
      // What may be chance is looked at again at once, but in its turn.
      const int windows = lasting ? kRest : 1;
      inquiry_.resting_until = turn_.now + windows * turn_.situation.window;
      return move_the_cut_often();
    }
    plaintiff_.trial = std::move(choice.trial);
    Trial& trial = *plaintiff_.trial;
    trial.signal = incident_.signal;
    plaintiff_.signal = incident_.signal;
    trial.before = pooled(inquiry_.undisturbed, harmed_in(incident_));
    inquiry_.again = inquiry_.again ||
                     (inquiry_.tried_together && trial.reason == Reason::probe);
    if (trial.reason == Reason::all_together) inquiry_.tried_together = true;
    for (const CgroupId& suspect : trial.suspects) hold(suspect);
    cut();
  }

 private:
  // Goes on with the present trial; false when it has come to an end.
  bool pursue() {
    Trial& trial = *plaintiff_.trial;
    std::erase_if(trial.suspects, [this](const CgroupId& suspect) {
      return !turn_.state.throttles.find(suspect);
    });
    if (is_deserted(turn_, trial)) return false;
    if (!is_in_force(turn_, trial)) return true;
    const Harmed after = harmed_in(incident_);
    // The evidence of the first trial may begin before the harm, and belittle
    // what it was.
    const bool first = inquiry_.undisturbed.windows <= 0;
    if (first && is_worse(after, trial.before)) {
      trial.before = after;
      for (const CgroupId& suspect : trial.suspects) turn_.note_harm(suspect);
    }
    if (trial.cuts < static_cast<int>(turn_.config.effect.give_up_after) &&
        cut())
      return true;
    const bool proven =
        trial.suspects.size() == 1 &&
        is_proven(turn_.state, trial.suspects.front(), turn_.now);
    return judge(effect_of(turn_.config.effect, trial, incident_, proven));
  }

  bool judge(Effect effect) {
    Trial& trial = *plaintiff_.trial;
    if (effect == Effect::untold) return true;
    inquiry_.undisturbed = {};
    if (effect == Effect::none) {
      inquiry_.undisturbed = pooled(trial.before, harmed_in(incident_));
      let_go();
      return false;
    }
    if (is_group(trial)) {
      narrow(turn_, plaintiff_, trial);
      return true;
    }
    const bool main = effect == Effect::main;
    convict(turn_, plaintiff_, trial, main);
    return (main || trial.stands_out) && cut();
  }

  // The trial has shown that less CPU for these changes nothing.
  void let_go() {
    const Trial& trial = *plaintiff_.trial;
    const Duration once = turn_.config.effect.exonerated_for;
    const Duration time = inquiry_.again ? kAgain * once : once;
    forget_the_gone();
    let_off(turn_.state, trial.suspects, complaint_, turn_.now, time);
    for (const CgroupId& suspect : trial.suspects) {
      // Where it had its CPU before, the trial says all there is to say.
      if (!was_held(suspect) || !has_helped(suspect)) {
        acquit(turn_.state, suspect, complaint_, turn_.now);
        if (!trial.stands_out) forget_harm(turn_.state, suspect, complaint_);
      }
      if (put_back(suspect)) continue;
      turn_.release(suspect, Turn::why_of(plaintiff_, Reason::harmless));
      if (!trial.stands_out) continue;
      Record& record = record_of(turn_.state, suspect);
      record.present = true;
      charge(record, complaint_, turn_.now + time).explained = true;
      turn_.ask_to_move(suspect, Turn::why_of(plaintiff_, Reason::no_remedy));
    }
    turn_.spend();
  }

  // Whether the victim is better off than it was while this one had its CPU.
  // From a quota that is low already little more can be had.
  [[nodiscard]] bool has_helped(const CgroupId& suspect) const {
    const Unthrottled* then =
        find_unthrottled(turn_.state, suspect, complaint_);
    const double helped = 1 - turn_.config.effect.min_improvement;
    return then &&
           harmed_in(incident_).deviation <= helped * then->harm.deviation;
  }

  // Every trial in vain prolongs what was found out about all the others.
  void forget_the_gone() {
    std::erase_if(turn_.state.exonerations, [this](const Exoneration& e) {
      return e.complaint == complaint_ &&
             !turn_.situation.batch.find(e.suspect);
    });
  }

  // Remembers a suspect that is held down already.
  void hold(const CgroupId& suspect) {
    const Throttle* live = turn_.state.throttles.find(suspect);
    if (!live || !is_guilty(turn_.state, suspect, turn_.now)) return;
    plaintiff_.trial->held.push_back(
        {suspect, live->quota, record_of(turn_.state, suspect).harmful});
  }

  [[nodiscard]] const HeldDown* was_held(const CgroupId& suspect) const {
    for (const HeldDown& held : plaintiff_.trial->held) {
      if (held.cgroup == suspect) return &held;
    }
    return nullptr;
  }

  // Where it was before the trial, if it is known to hurt all the same.
  bool put_back(const CgroupId& suspect) {
    const HeldDown* before = was_held(suspect);
    Throttle* live = turn_.state.throttles.find(suspect);
    const bool guilty = is_guilty(turn_.state, suspect, turn_.now);
    if (!before || !live || !guilty) return false;
    Record& record = record_of(turn_.state, suspect);
    record.harmful = before->harmful;
    live->victim = record.guilts.back().complaint.victim;
    if (live->quota >= before->quota) return true;
    turn_.raise(*live, before->quota, live->leased_until - turn_.now,
                Turn::why_of(plaintiff_, Reason::harmless));
    return true;
  }

  // Who may not be cut again this hour is no candidate for a trial.
  void move_the_cut_often() {
    for (const Suspect& suspect : ranking()) {
      const CgroupId& cgroup = suspect.cgroup;
      const Record* record = turn_.state.records.find(cgroup);
      if (!record || may_cut(turn_.config.escalation, *record)) continue;
      if (!is_proven(turn_.state, cgroup, turn_.now)) continue;
      move(cgroup, Reason::adjusted_often);
    }
  }

  void absolve() {
    inquiry_.own_doing = true;
    // A freeze for the sake of others, or of people, goes on.
    const bool froze = std::exchange(plaintiff_.froze, false);
    if (!froze || turn_.now >= turn_.state.frozen_until) return;
    turn_.state.frozen_until = turn_.now;
    turn_.act(Thaw{}, Turn::why_of(plaintiff_, Reason::own_doing));
  }

  // Cuts everybody on trial once more. False where nobody can be.
  bool cut() {
    bool any = false;
    for (const CgroupId& suspect : plaintiff_.trial->suspects) {
      any = cut(suspect) || any;
    }
    if (!any) return false;
    ++plaintiff_.trial->cuts;
    plaintiff_.acted = true;
    turn_.tell(plaintiff_, plaintiff_.trial->reason);
    turn_.spend();
    return true;
  }

  bool cut(const CgroupId& cgroup) {
    const Trial& trial = *plaintiff_.trial;
    const ThrottleConfig& config = turn_.config.throttle;
    const BatchUse* use = turn_.situation.batch.find(cgroup);
    if (!use) return false;
    const Throttle* live = turn_.state.throttles.find(cgroup);
    Record& record = record_of(turn_.state, cgroup);
    const auto next = next_cut(config, live, most_of(*use, busiest(cgroup)));
    const Duration left = allowance(config, record, live, turn_.now);
    if (!next || record.hands_off_until > turn_.now ||
        !is_allowed(config, left, live, turn_.situation.window)) {
      return false;
    }
    const bool guilty = is_proven(turn_.state, cgroup, turn_.now);
    if (!may_cut(turn_.config.escalation, record)) {
      if (guilty) move(cgroup, Reason::adjusted_often);
      return false;
    }
    if (trial.stands_out) {
      charge(record, complaint_, turn_.now + kDay).explained = true;
    }
    if (!live) turn_.note_harm(cgroup);
    const Charge charge{*next, live ? live->start : next->before,
                        trial.cuts + 1, trial.stands_out, guilty};
    book_cut(config, turn_.state, *use, plaintiff_.victim, *next, turn_.now);
    turn_.state.throttles.find(cgroup)->reason = trial.reason;
    turn_.act(
        Lower{cgroup, next->before, next->quota, std::min(left, config.lease)},
        Turn::why_of(plaintiff_, trial.reason), use->workload);
    const auto reason =
        reason_to_move(turn_.config.escalation, incident_, charge);
    if (reason) move(cgroup, *reason);
    return true;
  }

  void move(const CgroupId& cgroup, Reason reason) {
    turn_.ask_to_move(cgroup, Turn::why_of(plaintiff_, reason));
  }

  // CPUs in its busiest window since the onset; 0 where it is not ranked.
  double busiest(const CgroupId& cgroup) {
    const auto found =
        std::find_if(ranking().begin(), ranking().end(),
                     [&](const Suspect& s) { return s.cgroup == cgroup; });
    return found == ranking().end() ? 0 : found->busiest_cpus;
  }

  // Not before it is needed: there are hundreds of suspects, and a trial that
  // goes on asks for none.
  const std::vector<Suspect>& ranking() {
    if (!ranking_) ranking_ = rank_(incident_);
    return *ranking_;
  }

  Turn& turn_;
  Case& plaintiff_;
  const Incident& incident_;
  const Complaint complaint_;
  Inquiry& inquiry_;
  const Ranker& rank_;
  const std::vector<Suspect>* ranking_ = nullptr;
};

}  // namespace

void answer_worst(Turn& turn, const Ranker& rank) {
  std::vector<Due> due;
  bool trying = false;
  for (Case& plaintiff : turn.state.cases) {
    trying = trying || is_trying(turn, plaintiff);
    const Incident* open = to_answer(turn, plaintiff);
    if (!open) continue;
    if (is_complete(*open, plaintiff) && still_harmed(*open)) {
      due.push_back({&plaintiff, open});
    }
  }
  std::sort(due.begin(), due.end(), is_before);
  // Of two trials at a time neither would show what helped. And to rank
  // hundreds of suspects takes longer than all the rest of a tick: one victim
  // that nobody can be tried for is enough.
  bool full = trying;
  for (const auto& [plaintiff, incident] : due) {
    if (full && !plaintiff->trial) continue;
    Answer(turn, *plaintiff, *incident, rank).give();
    if (turn.decision.spent) return;
    full = full || !plaintiff->trial;
  }
}

}  // namespace cpi
