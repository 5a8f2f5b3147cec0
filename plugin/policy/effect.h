// Did it help? Compares a victim before and after its suspect was cut.
//
// Deviations are in standard deviations of one window, so how many windows it
// takes to tell an effect from chance follows from their size alone.
#ifndef CPI_POLICY_EFFECT_H_
#define CPI_POLICY_EFFECT_H_

#include "base/config/policy.h"
#include "incident/incident.h"
#include "policy/state.h"

namespace cpi {

enum class Effect {
  untold,   // still too few windows to tell
  none,     // the harm is what it was
  partial,  // some of it is gone: one of several culprits
  main      // most of it is gone
};

// What the evidence of an incident says, and what two such say together.
Harmed harmed_in(const Incident& incident);
Harmed pooled(const Harmed& a, const Harmed& b);
// Whether `a` is worse than `b`, chance apart.
bool is_worse(const Harmed& a, const Harmed& b);

// `proven`: that the one on trial hurts is known from before; where it cannot
// be told for certain that less CPU did nothing this time, it is held to be one
// of several culprits.
//
// REQUIRES: `incident` is open, and its evidence was spent when the trial's
// last cut was made.
Effect effect_of(const EffectConfig& config, const Trial& trial,
                 const Incident& incident, bool proven);

// The harm that is beyond doubt, in standard deviations, and the most that it
// may be: less, or plus, what is due to chance and to the uncertainty of what
// is expected.
double at_least(const Incident& incident);
double at_most(const Incident& incident);

// Whether harm is still being done in the latest windows of the evidence; an
// incident stays open for a while after that.
bool still_harmed(const Incident& incident);

// Whether the incident is more than chance: strong, or mild and, in the windows
// after it was found, certainly above what is expected. The windows that found
// it are no proof: of all there ever were they are the ones picked for being
// high. Nobody is told before it is, nor cut but who explains it.
bool is_lasting(const Incident& incident);

// Whether a container that used so many CPUs can be held by this quota. Where
// it is not, a trial says nothing: nothing was done (a dry run), or somebody
// undid it.
bool in_force(Millicores quota, double cpus);

}  // namespace cpi

#endif  // CPI_POLICY_EFFECT_H_
