// From a victim's first incident until nothing is held back for its sake any
// more: what its cases and trials learn from each window.
#ifndef CPI_POLICY_EPISODE_H_
#define CPI_POLICY_EPISODE_H_

#include "policy/turn.h"

namespace cpi {

// Opens and updates the episodes of this tick's victims, and ends the trials of
// those whose incident is over: what was tried last has helped, unless nobody
// saw it end.
void follow_victims(Turn& turn);

// Whether a culprit has ended or was moved since the last tick. The evidence
// shows a world with it, and is spent.
bool has_a_culprit_gone(Turn& turn);

// Whether everybody on trial uses no more than it may. Before, or in a dry run,
// the trial says nothing.
bool is_in_force(const Turn& turn, const Trial& trial);

// Whether several are on trial of whom one or two are thought to be guilty.
bool is_group(const Trial& trial);
// Lets half of them go: who is left shows whether it was the right half.
void narrow(Turn& turn, const Case& plaintiff, Trial& trial);

// Those on trial are guilty. `proven`: less CPU for them has ended the harm, or
// most of it.
void convict(Turn& turn, const Case& plaintiff, Trial& trial, bool proven);

}  // namespace cpi

#endif  // CPI_POLICY_EPISODE_H_
