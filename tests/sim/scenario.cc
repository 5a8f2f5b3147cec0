#include "sim/scenario.h"

#include <algorithm>
#include <array>

#include "sim/agent.h"

namespace cpi::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct Traits {
  std::string_view name;
  bool culprit;
  bool apart;
  bool hard;
};

// clang-format off
constexpr std::array<Traits, kKinds> kTraits = {{
    {"starts", true, true, false},
    {"bursts", true, true, true},
    {"mild", true, true, true},
    {"starves", true, true, false},
    {"restarts", true, true, true},
    {"stubborn", true, true, true},
    {"leaves", true, true, false},
    {"two signals", true, true, true},
    {"all flat", true, false, true},
    {"together", true, false, true},
    {"accomplices", true, false, true},
    {"daily", true, false, true},
    {"saturated", true, false, true},
    {"shaken", true, false, true},
    {"crowded", true, false, true},
    {"two victims", true, false, true},
    {"each its own", true, false, true},
    {"release", false, false, true},
    {"release shaken", false, false, true},
    {"release crowded", false, false, true},
    {"release refused", false, false, true},
    {"own limit", false, false, true},
    {"alone", false, false, false},
    {"quiet", false, false, false},
    {"day", true, true, false},
    {"day ignored", true, true, true},
    {"day held", true, true, true},
    {"day spells", false, false, true},
    {"day flat", true, false, true},
}};
// clang-format on

const Traits& traits(Kind kind) {
  return kTraits[static_cast<std::size_t>(kind)];
}

bool is_release(Kind kind) {
  return kind >= Kind::release && kind <= Kind::release_refused;
}

bool is_crowded(Kind kind) {
  return kind == Kind::crowded || kind == Kind::release_crowded;
}

bool has_two_services(Kind kind) {
  return kind == Kind::two_victims || kind == Kind::each_its_own;
}

bool is_day(Kind kind) { return kind >= Kind::day; }

// On the grid of windows.
Duration windows(double count) { return kWindow * static_cast<int>(count); }

class Maker {
 public:
  Maker(Kind kind, std::uint64_t seed) : random_(seed) {
    scenario_.kind = kind;
    scenario_.seed = seed;
    scenario_.config = config_of_simulations();
    Service service;
    const World clock(seed, service);
    begin_ = clock.now();
    scenario_.onset = begin_ + windows(random_.uniform(90, 180));
    if (is_release(kind)) {
      service.released = scenario_.onset;
      service.cpi_factor = 1.1;
    }
    if (kind == Kind::alone) {
      service.released = scenario_.onset;
      service.cpi_factor = random_.uniform(1.1, 1.4);
    }
    if (kind == Kind::day_spells) {
      service.released = scenario_.onset;
      service.cpi_factor = random_.uniform(1.1, 1.5);
      service.spell_period = windows(random_.uniform(120, 720));
      service.spell = windows(random_.uniform(12, 60));
    }
    if (kind == Kind::own_limit) service.limited = scenario_.onset;
    scenario_.world = World(seed, service);
    if (has_two_services(kind)) {
      Service second;
      second.name = "search";
      scenario_.world.add(second);
    }
    if (is_day(kind)) scenario_.length = scenario_.onset - begin_ + hours(24);
    scenario_.world.scheduler_obeys =
        kind != Kind::day_ignored && kind != Kind::day_held;
    if (kind == Kind::day_held) {
      scenario_.config.policy.throttle.max_throttled_time = hours(24);
    }
  }

  Scenario make() {
    const Kind kind = scenario_.kind;
    if (kind == Kind::alone) return std::move(scenario_);
    const int others =
        is_crowded(kind) ? 40 : static_cast<int>(random_.uniform(2, 7));
    const int position = static_cast<int>(random_.uniform(0, others));
    for (int i = 0; i < others; ++i) {
      if (has_culprit(kind) && i == position) add_culprits();
      add_other(i);
    }
    if (kind == Kind::restarts) add_restarts();
    if (kind == Kind::shaken || kind == Kind::release_shaken) shake();
    if (kind == Kind::release_refused) {
      scenario_.world.containers().front().refused = true;
    }
    return std::move(scenario_);
  }

 private:
  Demand flat() {
    Demand demand;
    demand.cpus = random_.uniform(1, 8);
    return demand;
  }
  Demand bursty() {
    Demand demand = flat();
    demand.rest = 0.05;
    demand.period = windows(random_.uniform(36, 120));
    demand.duty = random_.uniform(0.2, 0.5);
    demand.phase = windows(random_.uniform(0, 120));
    return demand;
  }
  Demand curve() {
    Demand demand = flat();
    demand.rest = 0.3;
    demand.curve = true;
    demand.period = windows(random_.uniform(360, 720));
    demand.phase = windows(random_.uniform(0, 720));
    return demand;
  }

  void add_other(int i) {
    switch (scenario_.kind) {
      case Kind::bursts:
        scenario_.world.add(i % 2 == 0 ? bursty() : flat());
        return;
      case Kind::daily:
        scenario_.world.add(i % 2 == 0 ? curve() : flat());
        return;
      case Kind::together:
        scenario_.world.add(flat()).starts = scenario_.onset;
        return;
      default:
        scenario_.world.add(flat());
    }
  }

  void add_culprits() {
    double harm = random_.uniform(0.05, 0.5);
    if (scenario_.kind == Kind::mild) harm = random_.uniform(0.05, 0.1);
    switch (scenario_.kind) {
      case Kind::accomplices: {
        const int count = static_cast<int>(random_.uniform(2, 4));
        for (int i = 0; i < count; ++i) add_culprit(harm / count);
        return;
      }
      case Kind::two_victims:
        add_culprit(harm).victims = {0, 1};
        return;
      case Kind::each_its_own: {
        add_culprit(harm);
        Container& second = add_culprit(random_.uniform(0.05, 0.5));
        second.victims = {1};
        second.harmful_from += windows(random_.uniform(0, 120));
        return;
      }
      default:
        add_culprit(harm);
    }
  }

  Container& add_culprit(double harm) {
    const Kind kind = scenario_.kind;
    Demand demand = flat();
    if (kind == Kind::bursts) demand = bursty();
    if (kind == Kind::daily) demand = curve();
    Container& culprit = scenario_.world.add(demand);
    culprit.harm = harm;
    if (kind == Kind::starves) {
      culprit.harm = 0;
      culprit.starvation = random_.uniform(0.05, 0.5);
    }
    if (kind == Kind::two_signals) {
      culprit.starvation = random_.uniform(0.05, 0.5);
    }
    culprit.stubborn = kind == Kind::stubborn;
    if (kind == Kind::saturated) culprit.exponent = 0.4;
    const bool always_there =
        !is_apart(kind) && kind != Kind::together && kind != Kind::daily;
    if (always_there) {
      culprit.harmful_from = scenario_.onset;
    } else {
      culprit.starts = scenario_.onset;
    }
    if (kind == Kind::leaves) {
      culprit.ends = scenario_.onset + windows(random_.uniform(5, 200));
    }
    if (random_.uniform() < 0.3) {
      culprit.original = to_quota(culprit.demand.cpus * 1.5);
    }
    return culprit;
  }

  static Millicores to_quota(double cpus) {
    return static_cast<Millicores>(cpus * 1000);
  }

  void add_absence(Duration length, bool killed) {
    const Instant begin = scenario_.onset + windows(random_.uniform(1, 300));
    scenario_.absences.push_back({begin, begin + length, killed});
  }

  void add_restarts() {
    const int count = static_cast<int>(random_.uniform(1, 5));
    // Often longer than a lease.
    const Duration outage = windows(random_.uniform(1, 25));
    for (int i = 0; i < count; ++i) add_absence(outage, true);
  }

  void shake() {
    add_restarts();
    const int count = static_cast<int>(random_.uniform(1, 5));
    for (int i = 0; i < count; ++i) {
      add_absence(windows(random_.uniform(1, 40)), false);
    }
    for (Service& service : scenario_.world.services()) {
      service.uncounted_from =
          scenario_.onset + windows(random_.uniform(0, 300));
      service.uncounted_until =
          service.uncounted_from + windows(random_.uniform(1, 60));
    }
  }

  Random random_;
  Scenario scenario_;
  Instant begin_{};
};

}  // namespace

std::string_view to_string(Kind kind) { return traits(kind).name; }
bool is_apart(Kind kind) { return traits(kind).apart; }
bool has_culprit(Kind kind) { return traits(kind).culprit; }
bool is_hard(Kind kind) { return traits(kind).hard; }

Scenario make_scenario(Kind kind, std::uint64_t seed) {
  return Maker(kind, seed * 1000 + static_cast<std::uint64_t>(kind)).make();
}

}  // namespace cpi::sim
