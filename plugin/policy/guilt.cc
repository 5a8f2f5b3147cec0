#include "policy/guilt.h"

#include <algorithm>

#include "policy/ledger.h"

namespace cpi {
namespace {

// Without an explanation, one may be chance.
constexpr int kProofs = 2;

template <class List>
auto find_in(List& list, const Complaint& complaint) -> decltype(list.data()) {
  const auto found = std::find_if(
      list.begin(), list.end(),
      [&](const auto& item) { return item.complaint == complaint; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

const Guilt* find_guilt(const PolicyState& state, const CgroupId& suspect,
                        const Complaint& complaint, Instant now) {
  const Record* record = find_record(state, suspect);
  const Guilt* guilt = record ? find_in(record->guilts, complaint) : nullptr;
  return guilt && now < guilt->until ? guilt : nullptr;
}

bool is_guilty(const PolicyState& state, const CgroupId& cgroup, Instant now) {
  const Record* record = find_record(state, cgroup);
  return record &&
         std::any_of(record->guilts.begin(), record->guilts.end(),
                     [&](const Guilt& guilt) { return now < guilt.until; });
}

bool is_proven(const PolicyState& state, const CgroupId& cgroup, Instant now) {
  const Record* record = find_record(state, cgroup);
  if (!record) return false;
  int proofs = 0;
  bool explained = false;
  for (const Guilt& guilt : record->guilts) {
    if (guilt.until <= now) continue;
    proofs += guilt.proofs;
    explained = explained || guilt.explained;
  }
  return proofs >= (explained ? 1 : kProofs);
}

bool is_exonerated(const PolicyState& state, const CgroupId& suspect,
                   const Complaint& complaint, Instant now) {
  return std::any_of(state.exonerations.begin(), state.exonerations.end(),
                     [&](const Exoneration& e) {
                       return e.complaint == complaint &&
                              e.suspect == suspect && now < e.until;
                     });
}

const Unthrottled* find_unthrottled(const PolicyState& state,
                                    const CgroupId& suspect,
                                    const Complaint& complaint) {
  const Record* record = find_record(state, suspect);
  return record ? find_in(record->unthrottled, complaint) : nullptr;
}

Guilt& charge(Record& record, const Complaint& complaint, Instant until) {
  Guilt guilt;
  if (const Guilt* known = find_in(record.guilts, complaint)) guilt = *known;
  guilt.complaint = complaint;
  guilt.until = until;
  std::erase_if(record.guilts,
                [&](const Guilt& g) { return g.complaint == complaint; });
  return record.guilts.emplace_back(guilt);
}

void drop_charges(Record& record) {
  std::erase_if(record.guilts,
                [](const Guilt& guilt) { return guilt.proofs == 0; });
}

void let_off(PolicyState& state, const CgroupId& suspect,
             const Complaint& complaint, Instant until) {
  // A round through many takes longer than the first is let off for.
  for (Exoneration& earlier : state.exonerations) {
    if (earlier.complaint == complaint)
      earlier.until = std::max(earlier.until, until);
  }
  state.exonerations.push_back({complaint, suspect, until});
}

void acquit(PolicyState& state, const CgroupId& suspect,
            const Complaint& complaint, Instant now) {
  Record& record = record_of(state, suspect);
  std::erase_if(record.guilts,
                [&](const Guilt& g) { return g.complaint == complaint; });
  if (is_guilty(state, suspect, now)) return;
  record.hold = {};
  record.hold_until = {};
  record.harmful = 0;
}

}  // namespace cpi
