#include "policy/policy.h"

#include <utility>

#include "policy/answer.h"
#include "policy/episode.h"
#include "policy/ledger.h"
#include "policy/recovery.h"
#include "policy/turn.h"

namespace cpi {

Policy::Policy(const PolicyConfig& config, PolicyState state)
    : config_(config), state_(std::move(state)) {
  // The detectors of this instance know nothing yet: that they see no incident
  // would not mean that a trial has helped.
  for (Case& plaintiff : state_.cases) plaintiff.trial.reset();
}

Decision Policy::decide(const Situation& situation, const Ranker& rank) {
  Turn turn(config_, state_, situation);
  forget_old(state_, turn.now);
  follow_victims(turn);
  if (!has_a_culprit_gone(turn)) answer_worst(turn, rank);
  give_back(turn);
  close_cases(turn);
  for (const Case& plaintiff : state_.cases) {
    for (int signal = 0; signal < kSignals; ++signal) {
      if (!plaintiff.inquiries[signal].own_doing) continue;
      turn.decision.own_doing.push_back(
          {plaintiff.victim, static_cast<Signal>(signal)});
    }
  }
  return std::move(turn.decision);
}

void Policy::report(const ActionOutcome& outcome, Instant now) {
  book_outcome(config_, state_, outcome, now);
}

void Policy::reconcile(const InForce& in_force, Instant now) {
  cpi::reconcile(config_, state_, in_force, now);
}

}  // namespace cpi
