// All that policy/ remembers: plain values, saved after every decision and
// loaded at start, so that a restart changes nothing. A value header.
//
// Times are on CLOCK_MONOTONIC: a state of another boot means nothing.
#ifndef CPI_POLICY_STATE_H_
#define CPI_POLICY_STATE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/by_cgroup.h"
#include "base/cgroup_id.h"
#include "base/units.h"
#include "model/score.h"
#include "policy/action.h"

namespace cpi {

// One live throttle, as the helper holds it, or is assumed to in a dry run.
struct Throttle {
  CgroupId cgroup;
  std::string workload;
  // On whose behalf it was lowered last.
  CgroupId victim;
  Millicores quota = 0;
  // Before the last change: what is in force if that change failed.
  Millicores previous = 0;
  // Where it began: it is released on coming back to this. At most the
  // original; the helper alone knows the original itself.
  Millicores start = 0;
  Reason reason = Reason::probe;  // of the last cut
  Instant since{};                // first lowered
  Instant changed{};              // last lowered or raised
  Instant leased_until{};
  bool rising = false;  // the last change was a raise
};

struct Span {
  Instant begin{};
  Instant end{};
};

// How badly a victim was off: its mean deviation over so many windows.
struct Harmed {
  double deviation = 0;
  double windows = 0;
};

// Harm to one victim, in one signal.
struct Complaint {
  CgroupId victim;
  Signal signal = Signal::cpi;
  friend bool operator==(const Complaint&, const Complaint&) = default;
};

// That a container is the cause: less CPU for it has helped, or its use alone
// explained the harm.
struct Guilt {
  Complaint complaint;
  Instant until{};
  // Of the latter kind. While it is about nobody else is probed.
  bool explained = false;
  // Trials in which less CPU for it alone ended the harm, or most of it.
  int proofs = 0;
};

// How badly a victim was off, at worst, while a container had its CPU.
struct Unthrottled {
  Complaint complaint;
  Harmed harm;
};

// What is known about one batch container that was ever acted upon. Kept until
// nothing in it matters any more, a day at most.
struct Record {
  CgroupId cgroup;
  // The last quota at which harm was seen; until `hold_until` it is not come
  // near. Harm that returns before `hold_until + hold` doubles `hold`.
  Millicores harmful = 0;
  Duration hold{};
  Instant hold_until{};
  // The latest last; one of a complaint at most.
  std::vector<Guilt> guilts;
  // Of victims that were in an incident then. What it does to them with less
  // CPU is hardly more than in proportion.
  std::vector<Unthrottled> unthrottled;
  // It was there in the latest tick.
  bool present = false;
  // Somebody else set its quota, or the helper refused: left alone.
  Instant hands_off_until{};
  std::vector<Instant> adjustments;  // cuts within the last hour
  std::vector<Instant> reschedules;  // within the last day
  std::vector<Span> throttled;       // finished ones of the last day
};

// `suspect` is not the cause. Of other complaints that says nothing.
struct Exoneration {
  Complaint complaint;
  CgroupId suspect;
  Instant since{};
  Instant until{};
};

struct HeldDown {
  CgroupId cgroup;
  Millicores quota = 0;
  Millicores harmful = 0;  // as in its record
};

// One suspect, or all of them, being turned down to see whether it helps.
struct Trial {
  std::vector<CgroupId> suspects;
  Reason reason = Reason::probe;
  double correlation = 0;
  // Its use explains the harm, and nobody else's does.
  bool stands_out = false;
  // The one on trial is known to hurt, but not like this: so much with the CPU
  // it has, or so long after it got it back. That it ends proves nothing.
  bool doubtful = false;
  Signal signal = Signal::cpi;
  Harmed before;
  // The culprits held down when it began, and how far: in vain, it puts them
  // back to that.
  std::vector<HeldDown> held;
  int cuts = 0;
  // When the latest half of a group on trial was let go.
  Instant narrowed{};
  int unmeasured = 0;   // windows in a row without its signal
  bool proven = false;  // it has been counted as a proof
};

// What was found out so far about the harm in one signal of a victim.
struct Inquiry {
  // All suspects together were turned down in this incident, and since then
  // they have been tried again.
  bool tried_together = false;
  bool again = false;
  // It made no difference: the service itself has changed.
  bool own_doing = false;
  // Nobody could be tried: it is not asked again before that.
  Instant resting_until{};
  // Of the windows in which only innocents were on trial, which is to say that
  // nothing was changed; none: no trial has been fruitless yet.
  Harmed undisturbed;
};

// Which incident's evidence an action spent, and how many times it had been
// complete by then.
struct Spent {
  Instant effective{};
  int effects = 0;
};

// One victim in an episode: from its first incident until nothing is held back
// for its sake any more, however many incidents come and go in between.
struct Case {
  std::string service;
  CgroupId victim;
  Signal signal = Signal::cpi;
  double deviation = 0;
  Instant began{};
  // The last window with an anomaly, in an open incident, or in which somebody
  // was let go only because the time was up.
  Instant harmed{};
  std::array<Spent, kSignals> spent;
  bool acted = false;
  bool told = false;   // people have heard of it
  bool froze = false;  // the host, for its sake
  std::array<Inquiry, kSignals> inquiries;
  std::optional<Trial> trial;
};

struct PolicyState {
  ByCgroup<Throttle> throttles;
  ByCgroup<Record> records;
  std::vector<Exoneration> exonerations;
  ByCgroup<Case, &Case::victim> cases;
  Instant frozen_until{};
  // Where the jitter of freezes comes from; the owner sets it once to
  // something that differs between hosts.
  std::uint64_t seed = 0;
};

}  // namespace cpi

#endif  // CPI_POLICY_STATE_H_
