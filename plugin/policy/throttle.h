// How far one container is turned down, and how it gets its CPU back:
// multiplicative decrease, additive increase, with a memory of harm.
//
//   start ─┐                              ┌─ released: the original again
//          │                ┌─────────────┘   after HoldTime
//          └─┐   ┌──────────┘ never near the harmful quota meanwhile
//            └───┘ + Step after each QuietTime
//
// Pure functions over the plain values of state.h.
#ifndef CPI_POLICY_THROTTLE_H_
#define CPI_POLICY_THROTTLE_H_

#include <optional>

#include "base/config/policy.h"
#include "base/units.h"
#include "policy/state.h"

namespace cpi {

inline constexpr Duration kDay = std::chrono::hours(24);
inline constexpr Duration kHour = std::chrono::hours(1);

Millicores to_millicores(double cpus);

struct Cut {
  Millicores before = 0;
  Millicores quota = 0;
};

// The next cut of a container that is throttled by `live`, or not at all, and
// needs no more than `most`: the lesser of what it declares, and what it used
// in its busiest window of the evidence, which its limit has held it to.
// Cutting what it does not use would change nothing. Absent where it is at the
// floor already.
std::optional<Cut> next_cut(const ThrottleConfig& config, const Throttle* live,
                            Millicores most);

// Harm was seen while the quota (or, before any, the use) was `harmful`.
// `returned`: it came back with the CPU that was given back.
void remember_harm(const ThrottleConfig& config, Record& record,
                   Millicores harmful, bool returned, Instant now);

// Whether harm at `now` is harm that has returned: after a raise, or within
// the time for which it is remembered.
bool harm_returns(const Throttle* live, const Record& record, Instant now);

// The quota after one step up; `start` and more mean: release. Absent where
// the memory of harm forbids a step.
std::optional<Millicores> next_raise(const ThrottleConfig& config,
                                     const Throttle& throttle,
                                     const Record& record, Instant now);

// How long the container was throttled within the day before `now`, the live
// throttle included, and how much of its allowance is left, never negative.
Duration throttled_time(const Record& record, const Throttle* live,
                        Instant now);
Duration allowance(const ThrottleConfig& config, const Record& record,
                   const Throttle* live, Instant now);

// Whether a throttle may go on, or be begun: not for the few moments that an
// old one, leaving the day, makes room for.
bool is_allowed(const ThrottleConfig& config, Duration allowance,
                const Throttle* live, Duration window);

// Books a throttle that ended at `end`.
void book(Record& record, const Throttle& throttle, Instant end);

// Drops what is older than a day or an hour; true where nothing is left that
// matters.
bool forget_old(Record& record, Instant now);

}  // namespace cpi

#endif  // CPI_POLICY_THROTTLE_H_
