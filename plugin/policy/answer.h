// What is done about harm: one suspect, or one set of them, is turned down and
// watched at a time, until the harm ends or it is clear that they do not cause
// it.
#ifndef CPI_POLICY_ANSWER_H_
#define CPI_POLICY_ANSWER_H_

#include "policy/situation.h"
#include "policy/turn.h"

namespace cpi {

// Opens and updates the episodes of this tick's victims, and ends the trials of
// those whose incident is over: what was tried last has helped.
void follow_victims(Turn& turn);

// Whether a culprit has ended or was moved since the last tick. The evidence
// shows a world with it, and is spent.
bool has_a_culprit_gone(Turn& turn);

// Answers the incidents whose evidence is complete, the worst first, until one
// answer changes the world. Trials are held one at a time.
void answer_worst(Turn& turn, const Ranker& rank);

}  // namespace cpi

#endif  // CPI_POLICY_ANSWER_H_
