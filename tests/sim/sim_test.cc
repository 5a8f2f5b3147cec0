#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/agent.h"
#include "sim/figures.h"
#include "sim/scenario.h"

namespace cpi::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// The same lives for all tests: some hundred, of every kind. sim_report prints
// the same figures over as many as one likes.
constexpr int kSeeds = 20;

class SimTest : public testing::Test {
 protected:
  static const Figures& figures() {
    static const Figures all = [] {
      Figures figures;
      for (int i = 0; i < kShortKinds; ++i) {
        for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
          const auto kind = static_cast<Kind>(i);
          figures.add(kind, run(make_scenario(kind, seed)));
        }
      }
      return figures;
    }();
    return all;
  }
  template <class Fits>
  static Tally sum(Fits fits) {
    Tally total;
    for (int i = 0; i < kShortKinds; ++i) {
      const auto kind = static_cast<Kind>(i);
      if (fits(kind)) total.merge(figures().of(kind));
    }
    return total;
  }
};

TEST_F(SimTest, HalfOfTheScenariosAreHard) {
  int hard = 0;
  for (int i = 0; i < kShortKinds; ++i) hard += is_hard(static_cast<Kind>(i));
  EXPECT_GE(2 * hard, kShortKinds);
}

TEST_F(SimTest, HarmByBatchIsAlwaysFound) {
  const Tally culprits = sum(has_culprit);
  EXPECT_GE(culprits.incidents, 0.99 * culprits.runs);
}

TEST_F(SimTest, WhereUsageTellsThemApartTheGuiltyOneIsCutFirst) {
  const Tally apart = sum(is_apart);
  EXPECT_GE(apart.first, 0.95 * apart.blamed);
}

TEST_F(SimTest, WhereItDoesNotTheGuiltyOneIsFoundByProbing) {
  const Tally hidden =
      sum([](Kind kind) { return has_culprit(kind) && !is_apart(kind); });
  EXPECT_GE(hidden.found, 0.9 * hidden.runs);
  // Little of what a single culprit does is left in the end.
  for (const Kind kind :
       {Kind::all_flat, Kind::together, Kind::daily, Kind::crowded,
        Kind::two_victims, Kind::each_its_own}) {
    const Tally& tally = figures().of(kind);
    EXPECT_GE(tally.caught, 0.9 * tally.runs) << to_string(kind);
  }
}

TEST_F(SimTest, WhereUsageTellsThemApartInnocentsAreLeftAlone) {
  const Tally apart = sum(is_apart);
  EXPECT_LE(apart.innocents, 0.02 * apart.bystanders);
}

TEST_F(SimTest, WhatMustNeverHappenNeverDoes) {
  const Tally all = sum([](Kind) { return true; });
  EXPECT_EQ(all.violations.above_original, 0);
  EXPECT_EQ(all.violations.under_floor, 0);
  EXPECT_EQ(all.violations.outlived_lease, 0);
  EXPECT_EQ(all.stale_cuts, 0);
  EXPECT_EQ(all.false_cuts, 0);
}

TEST_F(SimTest, WithoutBatchOrByItsOwnLimitNobodyIsBlamed) {
  EXPECT_EQ(figures().of(Kind::alone).innocents, 0);
  EXPECT_EQ(figures().of(Kind::own_limit).innocents, 0);
}

TEST_F(SimTest, AReleaseMovesNobodyAndIsSoonNormal) {
  Tally release = figures().of(Kind::release);
  // More of them: one in twenty takes much longer than the others.
  for (std::uint64_t seed = kSeeds + 1; seed <= 4 * kSeeds; ++seed) {
    Figures more;
    more.add(Kind::release, run(make_scenario(Kind::release, seed)));
    release.merge(more.of(Kind::release));
  }
  EXPECT_EQ(release.moves, 0);
  EXPECT_EQ(release.freezes, 0);
  EXPECT_EQ(static_cast<int>(release.normal.size()), release.runs);
  EXPECT_LE(quantile(release.normal, 0.95), 240);
}

// Forty at a time take no forty times as long.
TEST_F(SimTest, AReleaseIsSoonNormalOnACrowdedHostToo) {
  const Tally& release = figures().of(Kind::release_crowded);
  EXPECT_EQ(release.moves, 0);
  EXPECT_EQ(static_cast<int>(release.normal.size()), release.runs);
}

TEST_F(SimTest, InnocentsAreNotHeldDownForOneCulprit) {
  const Tally held = sum([](Kind kind) {
    return kind == Kind::all_flat || kind == Kind::together ||
           kind == Kind::crowded;
  });
  EXPECT_LE(held.held, 0.05 * held.bystanders);
}

TEST_F(SimTest, InnocentsAreHardlyEverMoved) {
  const Tally all = sum([](Kind) { return true; });
  EXPECT_LE(all.moved, 0.01 * all.runs);
}

TEST_F(SimTest, NobodyIsThrottledLongerThanADayAllows) {
  const Tally all = sum([](Kind) { return true; });
  EXPECT_LE(all.longest_throttled, hours(2));
}

TEST_F(SimTest, ADayWithACulpritIsQuiet) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Result day = run(make_scenario(Kind::day, seed));
    EXPECT_LE(day.anomalous, 0.05 * day.windows);
    EXPECT_LE(day.longest_throttled, hours(2));
    EXPECT_EQ(day.moves, 1);
    EXPECT_LE(day.notifications, 3);
    EXPECT_EQ(day.false_cuts, 0);
  }
}

TEST_F(SimTest, ACulpritThatUsageDoesNotTellApartIsMovedOnceItIsProven) {
  int moved = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Result day = run(make_scenario(Kind::day_flat, seed));
    EXPECT_EQ(day.innocents_moved, 0);
    moved += day.moves;
  }
  EXPECT_GE(moved, 4);
}

TEST_F(SimTest, ADayOfThrottlingWhereThatIsAllowedIsQuiet) {
  const Result day = run(make_scenario(Kind::day_held, 1));
  EXPECT_LE(day.anomalous, 0.05 * day.windows);
  EXPECT_LE(day.longest_throttled, hours(24));
  EXPECT_LE(day.notifications, 3);
}

TEST_F(SimTest, AServiceThatIsSlowFromTimeToTimeGetsHardlyAnybodyMoved) {
  int moved = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Result day = run(make_scenario(Kind::day_spells, seed));
    moved += day.innocents_moved > 0;
    EXPECT_LE(day.longest_throttled, hours(2));
  }
  EXPECT_LE(moved, 2);
}

TEST_F(SimTest, AnUnheededRequestIsNotRepeatedForEver) {
  const Result day = run(make_scenario(Kind::day_ignored, 1));
  EXPECT_LE(day.moves, 2);
  EXPECT_LE(day.longest_throttled, hours(2));
  EXPECT_LE(day.notifications, 3);
}

// --- properties

// The agent dies in the middle of a throttle and never comes back.
TEST(SimProperties, ADeadAgentLeavesNothingBehind) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Scenario scenario = make_scenario(Kind::starts, seed);
    const Duration lease = scenario.config.policy.throttle.lease;
    World& world = scenario.world;
    world.scheduler_obeys = false;
    Agent agent(world, scenario.config, {trained_model(scenario.seed), {}});
    while (world.now() < scenario.onset + (1 + seed % 7) * minutes(1)) {
      world.advance();
      agent.tick();
    }
    EXPECT_FALSE(world.status().throttles.empty());
    const Instant dead = world.now();
    while (world.now() < dead + lease) world.advance();
    EXPECT_TRUE(world.status().throttles.empty()) << seed;
  }
}

struct Step {
  Instant time;
  std::size_t kind;
  Millicores quota;
  friend bool operator==(const Step&, const Step&) = default;
};

std::vector<Step> steps_of(Scenario scenario, bool act) {
  scenario.config.policy.act = act;
  World& world = scenario.world;
  world.does_what_is_dry = true;
  Agent agent(world, scenario.config, {trained_model(scenario.seed), {}});
  std::vector<Step> steps;
  const Instant end = world.now() + scenario.length;
  while (world.now() < end) {
    world.advance();
    for (const Action& action : agent.tick().actions) {
      EXPECT_EQ(action.dry_run, !act);
      const auto* lower = std::get_if<Lower>(&action.verb);
      steps.push_back(
          {world.now(), action.verb.index(), lower ? lower->quota : 0});
    }
  }
  return steps;
}

TEST(SimProperties, ADryRunDecidesTheSameInAWorldThatReactsTheSame) {
  for (const Kind kind : {Kind::starts, Kind::bursts, Kind::all_flat,
                          Kind::accomplices, Kind::release}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto real = steps_of(make_scenario(kind, seed), true);
      EXPECT_FALSE(real.empty());
      EXPECT_EQ(real, steps_of(make_scenario(kind, seed), false));
    }
  }
}

// Nothing reacts: the dry run must not accuse one after the other, let alone
// teach the model that interference is normal.
TEST(SimProperties, ADryRunAccusesNobodyForWhatWasNeverDone) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Scenario scenario = make_scenario(Kind::starts, seed);
    scenario.config.policy.act = false;
    World& world = scenario.world;
    Agent agent(world, scenario.config, {trained_model(scenario.seed), {}});
    int innocents = 0;
    const Instant end = scenario.onset + minutes(60);
    while (world.now() < end) {
      world.advance();
      const Decision& decision = agent.tick();
      EXPECT_TRUE(decision.own_doing.empty());
      if (world.now() < scenario.onset) continue;
      for (const Action& action : decision.actions) {
        const auto* lower = std::get_if<Lower>(&action.verb);
        innocents += lower && !world.find(lower->cgroup)->guilty();
      }
    }
    EXPECT_EQ(innocents, 0) << seed;
    EXPECT_TRUE(world.status().throttles.empty());
  }
}

TEST(SimProperties, TheSameSeedIsTheSameLife) {
  const Result a = run(make_scenario(Kind::bursts, 7));
  const Result b = run(make_scenario(Kind::bursts, 7));
  EXPECT_EQ(a.anomalous, b.anomalous);
  EXPECT_EQ(a.longest_throttled, b.longest_throttled);
}

}  // namespace
}  // namespace cpi::sim
