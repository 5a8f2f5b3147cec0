// What is done about harm: one suspect, or one set of them, is turned down and
// watched at a time, until the harm ends or it is clear that they do not cause
// it.
#ifndef CPI_POLICY_ANSWER_H_
#define CPI_POLICY_ANSWER_H_

#include "policy/situation.h"
#include "policy/turn.h"

namespace cpi {

// Answers the incidents whose evidence is complete, the worst first, until one
// answer changes the world; who was asked in vain comes last. Trials are held
// one at a time.
void answer_worst(Turn& turn, const Ranker& rank);

}  // namespace cpi

#endif  // CPI_POLICY_ANSWER_H_
