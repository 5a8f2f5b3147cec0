// Seeded lives of a host, by class, and what became of each.
#ifndef CPI_TESTS_SIM_SCENARIO_H_
#define CPI_TESTS_SIM_SCENARIO_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "policy/policy.h"
#include "sim/world.h"

namespace cpi::sim {

enum class Kind {
  // Usage tells the culprit apart.
  starts,       // it starts and runs flat among others that always run
  bursts,       // it comes and goes; so do others, at their own times
  mild,         // it starts, and costs the service 5 to 10 %
  starves,      // it starts, and takes CPU time from the service
  restarts,     // as `starts`, while the agent restarts again and again
  stubborn,     // as `starts`, and less CPU does not make it better
  leaves,       // as `starts`, and it ends at some moment, throttled or not
  two_signals,  // as `starts`, and it costs the service CPU time as well
  // It does not.
  all_flat,      // all run flat at 100 %; one becomes harmful
  together,      // all start at the same moment; one is harmful
  accomplices,   // all flat; two or three are harmful
  daily,         // its use follows a slow curve, as do others'
  saturated,     // all flat; harm yields only at small quotas
  shaken,        // as `all_flat`, with restarts, missed ticks, lost counters
  crowded,       // as `all_flat`, on a host with forty containers
  two_victims,   // as `all_flat`; two services suffer from the same culprit
  each_its_own,  // as `all_flat`; two services suffer, each from its own
  // There is none.
  release,          // the service itself gets slower, with batch always on
  release_shaken,   // the same, with restarts, missed ticks, lost counters
  release_crowded,  // the same, on a host with forty containers
  release_refused,  // the same, and one of them must not be touched
  own_limit,        // the service's own quota makes it wait
  alone,            // the service gets slower, and no batch runs
  quiet,            // nothing happens
  // A whole day with a culprit that starts and stays.
  day,          // the scheduler moves it when asked to
  day_ignored,  // nobody listens
  day_held,     // nobody listens, and it may be throttled all day
  // A whole day without one.
  day_spells,  // the service itself is slow from time to time
  // A whole day with one that usage does not tell apart.
  day_flat  // as `all_flat`
};
inline constexpr int kKinds = static_cast<int>(Kind::day_flat) + 1;
// Those of two hours, all but the days.
inline constexpr int kShortKinds = static_cast<int>(Kind::quiet) + 1;

std::string_view to_string(Kind kind);
// Whether usage tells a culprit apart; whether there is one at all.
bool is_apart(Kind kind);
bool has_culprit(Kind kind);
// Whether the scenario is one of the hard ones.
bool is_hard(Kind kind);

// The agent sees nothing from `begin` on until before `end`: it hangs, or it
// was killed and remembers only what it had saved.
struct Absence {
  Instant begin{};
  Instant end{};
  bool killed = false;
};

struct Scenario {
  Kind kind = Kind::starts;
  std::uint64_t seed = 0;
  World world{0, {}};
  Config config;
  Duration length = std::chrono::hours(2);
  // When the culprit, or the change, comes.
  Instant onset{};
  std::vector<Absence> absences;
};

Scenario make_scenario(Kind kind, std::uint64_t seed);

struct Result {
  // The first container cut after the onset was guilty; absent: nobody was.
  std::optional<bool> guilty_first;
  bool guilty_cut = false;
  // In the last half hour at most half of the harm was left, to any service.
  bool caught = false;
  int bystanders = 0;       // innocents there were
  int innocents_cut = 0;    // of these, distinct
  int innocents_moved = 0;  // asked to move
  int innocents_held = 0;   // throttled at the end
  int moves = 0;
  int freezes = 0;
  int false_cuts = 0;  // resting on no window of harm at all
  int stale_cuts = 0;  // the same, within an incident that was true
  int notifications = 0;
  int windows = 0;
  int anomalous = 0;
  // From the onset until half of the harm was gone, and until the incident
  // of a service that had changed by itself was over; absent: never.
  std::optional<int> windows_to_relief;
  std::optional<int> windows_to_normal;
  Duration longest_throttled{};  // of any container
  bool incident = false;         // after the onset
  bool blamed = false;           // somebody was acted upon
  Violations violations;
};

// Called after every tick with what was decided.
using Observer = std::function<void(const World&, const Decision&)>;

Result run(Scenario scenario, const Observer& observer = {});

}  // namespace cpi::sim

#endif  // CPI_TESTS_SIM_SCENARIO_H_
