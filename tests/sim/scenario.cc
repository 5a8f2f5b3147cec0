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

constexpr std::array<Traits, kKinds> kTraits = {{
    {"starts", true, true, false},   {"bursts", true, true, true},
    {"mild", true, true, true},      {"starves", true, true, false},
    {"restarts", true, true, true},  {"stubborn", true, true, true},
    {"leaves", true, true, false},   {"all flat", true, false, true},
    {"together", true, false, true}, {"accomplices", true, false, true},
    {"daily", true, false, true},    {"saturated", true, false, true},
    {"release", false, false, true}, {"own limit", false, false, true},
    {"alone", false, false, false},  {"quiet", false, false, false},
    {"day", true, true, false},      {"day ignored", true, true, true},
    {"day held", true, true, true},
}};

const Traits& traits(Kind kind) {
  return kTraits[static_cast<std::size_t>(kind)];
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
    if (kind == Kind::release) {
      service.released = scenario_.onset;
      service.cpi_factor = 1.1;
    }
    if (kind == Kind::alone) {
      service.released = scenario_.onset;
      service.cpi_factor = random_.uniform(1.1, 1.4);
    }
    if (kind == Kind::own_limit) service.limited = scenario_.onset;
    scenario_.world = World(seed, service);
    if (is_day(kind)) scenario_.length = scenario_.onset - begin_ + hours(24);
    scenario_.world.scheduler_obeys = !is_day(kind) || kind == Kind::day;
    if (kind == Kind::day_held) {
      scenario_.config.policy.throttle.max_throttled_time = hours(24);
    }
  }

  Scenario make() {
    const Kind kind = scenario_.kind;
    if (kind == Kind::alone) return std::move(scenario_);
    const int others = static_cast<int>(random_.uniform(2, 7));
    const int position = static_cast<int>(random_.uniform(0, others));
    for (int i = 0; i < others; ++i) {
      if (has_culprit(kind) && i == position) add_culprits();
      add_other(i);
    }
    if (kind == Kind::restarts) add_kills();
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
    const int count = scenario_.kind == Kind::accomplices
                          ? static_cast<int>(random_.uniform(2, 4))
                          : 1;
    double harm = random_.uniform(0.05, 0.5);
    if (scenario_.kind == Kind::mild) harm = random_.uniform(0.05, 0.1);
    for (int i = 0; i < count; ++i) add_culprit(harm / count);
  }

  void add_culprit(double harm) {
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
    culprit.stubborn = kind == Kind::stubborn;
    if (kind == Kind::saturated) culprit.exponent = 0.4;
    const bool always_there = kind == Kind::all_flat ||
                              kind == Kind::accomplices ||
                              kind == Kind::saturated;
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
  }

  static Millicores to_quota(double cpus) {
    return static_cast<Millicores>(cpus * 1000);
  }

  void add_kills() {
    const int kills = static_cast<int>(random_.uniform(1, 5));
    for (int i = 0; i < kills; ++i) {
      scenario_.kills.push_back(scenario_.onset +
                                windows(random_.uniform(1, 300)));
    }
    // Often longer than a lease.
    scenario_.outage = windows(random_.uniform(0, 24));
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
