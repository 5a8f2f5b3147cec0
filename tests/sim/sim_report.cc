// Prints what became of thousands of simulated lives, by kind, or one of them
// step by step:
//
//   sim_report [SCENARIOS [FIRST_SEED]]
//   sim_report --trace KIND SEED
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>

#include "sim/figures.h"
#include "sim/scenario.h"

namespace cpi::sim {
namespace {

// One day takes as long as so many short scenarios.
constexpr int kDayCost = 32;

struct Words {
  std::string operator()(const Lower& a) const {
    return fmt::format("lower {} to {}", a.before, a.quota);
  }
  std::string operator()(const Raise& a) const {
    return fmt::format("raise {} to {}", a.before, a.quota);
  }
  std::string operator()(const Renew&) const { return {}; }
  std::string operator()(const Release&) const { return "release"; }
  std::string operator()(const Freeze& a) const {
    return fmt::format("freeze for {:.0f} s", to_seconds(a.length));
  }
  std::string operator()(const Thaw&) const { return "thaw"; }
  std::string operator()(const Reschedule&) const { return "reschedule"; }
};

const Container* target_of(const World& world, const Action& action) {
  return std::visit(
      [&](const auto& verb) -> const Container* {
        if constexpr (requires { verb.cgroup; }) return world.find(verb.cgroup);
        return nullptr;
      },
      action.verb);
}

void print(Instant onset, const World& world, const Decision& decision) {
  const double minute = to_seconds(world.now() - onset) / 60;
  for (const Action& action : decision.actions) {
    const std::string words = std::visit(Words{}, action.verb);
    if (words.empty()) continue;
    const Container* target = target_of(world, action);
    fmt::print("{:8.1f}  {} {}{}: {} ({}, {:.1f} sigma, correlation {:.2f})\n",
               minute, words, target ? target->cgroup.path : "",
               target && target->guilty() ? " (guilty)" : "",
               to_string(action.why.reason), to_string(action.why.signal),
               action.why.deviation, action.why.correlation);
  }
  for (const Notice& notice : decision.notices) {
    constexpr std::string_view kNames[] = {"harmed", "rescheduled",
                                           "recovered"};
    fmt::print("{:8.1f}  --- {}\n", minute,
               kNames[static_cast<int>(notice.kind)]);
  }
}

void trace(std::string_view name, std::uint64_t seed) {
  for (int i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    if (to_string(kind) != name) continue;
    Scenario scenario = make_scenario(kind, seed);
    for (const Container& c : scenario.world.containers()) {
      fmt::print("{} {:.1f} CPUs, harm {:.2f}, starvation {:.2f}\n",
                 c.cgroup.path, c.demand.cpus, c.harm, c.starvation);
    }
    const Instant onset = scenario.onset;
    run(std::move(scenario),
        [onset](const World& world, const Decision& decision) {
          print(onset, world, decision);
        });
  }
}

// The short kinds in turn, and some days.
void report(int scenarios, int first) {
  Figures figures;
  for (int i = 0; i < std::max(scenarios, 1); ++i) {
    const auto kind = static_cast<Kind>(i % kShortKinds);
    const auto seed = static_cast<std::uint64_t>(first + i / kShortKinds);
    figures.add(kind, run(make_scenario(kind, seed)));
  }
  for (int i = 0; i < scenarios / kDayCost; ++i) {
    const auto seed = static_cast<std::uint64_t>(first + i);
    for (int kind = kShortKinds; kind < kKinds; ++kind) {
      const auto day = static_cast<Kind>(kind);
      figures.add(day, run(make_scenario(day, seed)));
    }
  }
  fmt::print("{}", figures.table());
}

}  // namespace
}  // namespace cpi::sim

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--trace") {
    cpi::sim::trace(argv[2], std::strtoull(argv[3], nullptr, 10));
    return 0;
  }
  cpi::sim::report(argc > 1 ? std::atoi(argv[1]) : 1600,
                   argc > 2 ? std::atoi(argv[2]) : 1);
}
