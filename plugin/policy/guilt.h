// What is known against whom: convictions, acquittals, and how the victims were
// off before anything was done about it.
#ifndef CPI_POLICY_GUILT_H_
#define CPI_POLICY_GUILT_H_

#include <vector>

#include "policy/state.h"

namespace cpi {

// The same questions as below, of a record that is at hand.
const Guilt* find_guilt(const Record& record, const Complaint& complaint,
                        Instant now);
bool is_guilty(const Record& record, Instant now);
bool is_proven(const Record& record, Instant now);
const Unthrottled* find_unthrottled(const Record& record,
                                    const Complaint& complaint);

// What is held against a container in this matter, or null. Valid until the
// state changes.
const Guilt* find_guilt(const PolicyState& state, const CgroupId& suspect,
                        const Complaint& complaint, Instant now);
// Guilty of anything.
bool is_guilty(const PolicyState& state, const CgroupId& cgroup, Instant now);
// Guilty beyond doubt: less CPU for it has helped, and its use alone explained
// the harm, or it has helped more than once. Nobody is asked to move on less,
// but for the severest harm.
bool is_proven(const PolicyState& state, const CgroupId& cgroup, Instant now);
// How the victim was off while the suspect had its CPU, or null.
const Unthrottled* find_unthrottled(const PolicyState& state,
                                    const CgroupId& suspect,
                                    const Complaint& complaint);

// It is known to be the cause. Valid until the next change of the record.
Guilt& charge(Record& record, const Complaint& complaint, Instant until);
// It was to be turned down, and could not be: what has no proof is dropped, for
// it must not keep the others from being tried.
void drop_charges(Record& record);
// They are not suspected in this matter for so long, and nor are those who were
// let off before them: a round through many takes longer than the first is let
// off for. Not for ever, however many there are.
void let_off(PolicyState& state, const std::vector<CgroupId>& suspects,
             const Complaint& complaint, Instant now, Duration time);
// It is not the cause: nothing of that is remembered against it.
void acquit(PolicyState& state, const CgroupId& suspect,
            const Complaint& complaint, Instant now);

// How the victim was off while this one had its CPU is of no use any more.
void forget_harm(PolicyState& state, const CgroupId& suspect,
                 const Complaint& complaint);

}  // namespace cpi

#endif  // CPI_POLICY_GUILT_H_
