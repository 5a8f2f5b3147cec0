#include "policy/guilt.h"

#include <algorithm>

#include "policy/ledger.h"

namespace cpi {
namespace {

// Without an explanation, one may be chance.
constexpr int kProofs = 2;
// A round through all suspects lasts no longer than so many times what each is
// let off for; longer, and there are always new ones.
constexpr int kLongestRound = 4;

template <class List>
auto find_in(List& list, const Complaint& complaint) -> decltype(list.data()) {
  const auto found = std::find_if(
      list.begin(), list.end(),
      [&](const auto& item) { return item.complaint == complaint; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

const Guilt* find_guilt(const Record& record, const Complaint& complaint,
                        Instant now) {
  const Guilt* guilt = find_in(record.guilts, complaint);
  return guilt && now < guilt->until ? guilt : nullptr;
}

bool is_guilty(const Record& record, Instant now) {
  return std::any_of(record.guilts.begin(), record.guilts.end(),
                     [&](const Guilt& guilt) { return now < guilt.until; });
}

bool is_proven(const Record& record, Instant now) {
  int proofs = 0;
  bool explained = false;
  for (const Guilt& guilt : record.guilts) {
    if (guilt.until <= now) continue;
    proofs += guilt.proofs;
    explained = explained || guilt.explained;
  }
  return proofs >= (explained ? 1 : kProofs);
}

const Unthrottled* find_unthrottled(const Record& record,
                                    const Complaint& complaint) {
  return find_in(record.unthrottled, complaint);
}

const Guilt* find_guilt(const PolicyState& state, const CgroupId& suspect,
                        const Complaint& complaint, Instant now) {
  const Record* record = state.records.find(suspect);
  return record ? find_guilt(*record, complaint, now) : nullptr;
}

bool is_guilty(const PolicyState& state, const CgroupId& cgroup, Instant now) {
  const Record* record = state.records.find(cgroup);
  return record && is_guilty(*record, now);
}

bool is_proven(const PolicyState& state, const CgroupId& cgroup, Instant now) {
  const Record* record = state.records.find(cgroup);
  return record && is_proven(*record, now);
}

const Unthrottled* find_unthrottled(const PolicyState& state,
                                    const CgroupId& suspect,
                                    const Complaint& complaint) {
  const Record* record = state.records.find(suspect);
  return record ? find_unthrottled(*record, complaint) : nullptr;
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

void let_off(PolicyState& state, const std::vector<CgroupId>& suspects,
             const Complaint& complaint, Instant now, Duration time) {
  const auto is_one = [&](const CgroupId& cgroup) {
    return std::find(suspects.begin(), suspects.end(), cgroup) !=
           suspects.end();
  };
  std::erase_if(state.exonerations, [&](const Exoneration& earlier) {
    return earlier.complaint == complaint && is_one(earlier.suspect);
  });
  for (Exoneration& earlier : state.exonerations) {
    if (!(earlier.complaint == complaint)) continue;
    const Instant latest = earlier.since + kLongestRound * time;
    earlier.until = std::max(earlier.until, std::min(now + time, latest));
  }
  for (const CgroupId& suspect : suspects) {
    state.exonerations.push_back({complaint, suspect, now, now + time});
  }
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

void forget_harm(PolicyState& state, const CgroupId& suspect,
                 const Complaint& complaint) {
  std::erase_if(
      record_of(state, suspect).unthrottled,
      [&](const Unthrottled& then) { return then.complaint == complaint; });
}

}  // namespace cpi
