#include "policy/effect.h"

#include <gtest/gtest.h>

#include <string_view>

#include "policy/escalation.h"
#include "support/random.h"

namespace cpi {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);

// An incident whose evidence has this mean, in this many windows.
Incident incident_of(double deviation, int windows) {
  Incident incident;
  incident.deviation = deviation;
  Evidence evidence;
  evidence.score.deviation = deviation;
  incident.evidence.assign(static_cast<std::size_t>(windows), evidence);
  return incident;
}

Effect effect(double before, double after, int windows = 20,
              bool proven = false) {
  Trial trial;
  trial.before = {before, 20};
  trial.cuts = 2;
  return effect_of({}, trial, incident_of(after, windows), proven);
}

TEST(EffectTest, HarmThatStaysIsNoEffect) {
  EXPECT_EQ(effect(5, 5), Effect::none);
}

TEST(EffectTest, MoreHarmIsNoEffect) { EXPECT_EQ(effect(5, 9), Effect::none); }

TEST(EffectTest, ALittleOfTheHarmGoneIsAPartOfIt) {
  EXPECT_EQ(effect(5, 3), Effect::partial);
}

TEST(EffectTest, MostOfTheHarmGoneIsTheMainPart) {
  EXPECT_EQ(effect(5, 1), Effect::main);
}

TEST(EffectTest, ALargeHarmIsJudgedInAFewWindows) {
  EXPECT_EQ(effect(10, 10, 3), Effect::none);
  EXPECT_EQ(effect(10, 10, 2), Effect::untold);
}

TEST(EffectTest, ASmallHarmTakesLonger) {
  EXPECT_EQ(effect(1.2, 1.2, 5), Effect::untold);
  EXPECT_EQ(effect(1.2, 1.2, 30), Effect::none);
}

TEST(EffectTest, AWeaklyKnownHarmBeforeTakesLongerAsWell) {
  Trial trial;
  trial.cuts = 2;
  trial.before = {3, 3};
  EXPECT_EQ(effect_of({}, trial, incident_of(2.6, 6), false), Effect::untold);
  trial.before = {3, 60};
  EXPECT_EQ(effect_of({}, trial, incident_of(3, 6), false), Effect::none);
}

TEST(EffectTest, EffectIsAlwaysToldInTheEnd) {
  EXPECT_NE(effect(1, 0.75, 30), Effect::untold);
}

TEST(EffectTest, WhatIsProvenIsNotUndoneByOneDoubtfulTrial) {
  EXPECT_EQ(effect(1, 1.2, 20), Effect::none);
  EXPECT_EQ(effect(1, 1.2, 20, true), Effect::untold);
  EXPECT_EQ(effect(1, 1.2, 30, true), Effect::partial);
  EXPECT_EQ(effect(5, 5, 20, true), Effect::none);
}

// Deviations of independent windows have variance 1 by definition.
TEST(EffectTest, AnInnocentIsRarelyTakenForACulprit) {
  Random random(9);
  int mistaken = 0;
  constexpr int kRuns = 2000;
  for (int run = 0; run < kRuns; ++run) {
    Trial trial;
    trial.cuts = 2;
    trial.before = {2.5 + random.normal() / std::sqrt(20.0), 20};
    double sum = 0;
    for (int windows = 1;; ++windows) {
      sum += 2.5 + random.normal();
      const Effect told =
          effect_of({}, trial, incident_of(sum / windows, windows), false);
      if (told == Effect::untold) continue;
      mistaken += told != Effect::none;
      break;
    }
  }
  EXPECT_LE(mistaken, kRuns * 12 / 100);
}

TEST(EffectTest, PooledHarmWeighsByWindows) {
  const Harmed sum = pooled({1, 10}, {4, 20});
  EXPECT_DOUBLE_EQ(sum.deviation, 3);
  EXPECT_DOUBLE_EQ(sum.windows, 30);
  EXPECT_DOUBLE_EQ(pooled({}, {2, 3}).deviation, 2);
  EXPECT_DOUBLE_EQ(pooled({}, {}).windows, 0);
}

TEST(EffectTest, HarmOfTheLatestWindowsIsStillThere) {
  Incident incident = incident_of(4, 10);
  EXPECT_TRUE(still_harmed(incident));
  for (int i = 7; i < 10; ++i) incident.evidence[i].score.deviation = 0;
  EXPECT_FALSE(still_harmed(incident));
  EXPECT_FALSE(still_harmed(incident_of(4, 0)));
}

// Found after 20 windows of 1.2, which went on with `deviation` for `windows`.
Incident mild(double deviation, int windows, double persistence = 0) {
  Incident incident = incident_of(1.2, 20);
  incident.effective = Instant(minutes(10));
  incident.last = incident.effective;
  for (Evidence& evidence : incident.evidence) {
    evidence.time = incident.effective;
  }
  for (int i = 0; i < windows; ++i) {
    incident.last += kWindow;
    Evidence& evidence = incident.evidence.emplace_back();
    evidence.time = incident.last;
    evidence.score.deviation = deviation;
    evidence.score.persistence = persistence;
  }
  return incident;
}

TEST(EffectTest, AMildIncidentHasToLastAStrongOneHasNot) {
  EXPECT_FALSE(is_lasting(mild(1.4, 0)));
  EXPECT_FALSE(is_lasting(mild(1.4, 11)));
  EXPECT_TRUE(is_lasting(mild(1.4, 12)));
  Incident strong = mild(1.4, 0);
  strong.incident_class = IncidentClass::strong;
  EXPECT_TRUE(is_lasting(strong));
}

// What opened it was picked for being high; what follows was not.
TEST(EffectTest, AMildIncidentLastsByWhatCameAfterItWasFound) {
  EXPECT_FALSE(is_lasting(mild(0.3, 30)));
  EXPECT_TRUE(is_lasting(mild(0.9, 30)));
  EXPECT_FALSE(is_lasting(mild(0.9, 30, 0.4)));
}

TEST(EffectTest, AMildIncidentBeyondDoubtNeedNotLast) {
  EXPECT_FALSE(is_lasting(mild(2.7, 4)));
  EXPECT_TRUE(is_lasting(mild(2.8, 4)));
}

// An expectation that is a little too low is not harm, for however long.
TEST(EffectTest, AnErrorOfTheExpectationNeverLasts) {
  EXPECT_FALSE(is_lasting(mild(0.25, 1000)));
}

TEST(EffectTest, ChanceHardlyEverLasts) {
  Random random(3);
  int lasting = 0;
  constexpr int kRuns = 1000;
  for (int run = 0; run < kRuns; ++run) {
    Incident incident = mild(0, 30);
    for (auto at = incident.evidence.begin() + 20;
         at != incident.evidence.end(); ++at) {
      at->score.deviation = random.normal();
    }
    lasting += is_lasting(incident);
  }
  EXPECT_LE(lasting, kRuns / 200);
}

TEST(EffectTest, AThrottleIsInForceWhileUseKeepsToIt) {
  EXPECT_TRUE(in_force(2000, 2.0));
  EXPECT_TRUE(in_force(2000, 2.1));
  EXPECT_FALSE(in_force(2000, 2.6));
  EXPECT_TRUE(in_force(50, 0.09));
}

// --- escalation

Incident severe() {
  Incident incident;
  incident.incident_class = IncidentClass::severe;
  return incident;
}

TEST(EscalationTest, SevereHarmThatIsExplainedMovesTheCulprit) {
  const Charge charge{{4000, 2000}, 4000, 1, true, true};
  EXPECT_EQ(reason_to_move({}, severe(), charge), Reason::severe);
  EXPECT_FALSE(reason_to_move({}, Incident{}, charge));
}

TEST(EscalationTest, NobodyIsMovedOnSuspicion) {
  const Charge charge{{1000, 500}, 8000, 5, false, false};
  EXPECT_FALSE(reason_to_move({}, severe(), charge));
}

TEST(EscalationTest, TooLittleCpuIsNoUseToAContainerThatBeganWithMore) {
  const auto reason = [](Millicores quota, Millicores start, int cuts) {
    return reason_to_move({}, {},
                          {{2 * quota, quota}, start, cuts, true, true});
  };
  EXPECT_EQ(reason(900, 4000, 2), Reason::too_little);
  EXPECT_FALSE(reason(1000, 4000, 2));
  EXPECT_FALSE(reason(900, 1900, 2));
  EXPECT_FALSE(reason(900, 4000, 1));
}

TEST(EscalationTest, AContainerIsAskedTwiceADayAndAnHourApart) {
  Record record;
  const Instant now{std::chrono::hours(50)};
  EXPECT_TRUE(may_ask({}, record, now));
  record.reschedules = {now};
  EXPECT_FALSE(may_ask({}, record, now + minutes(59)));
  EXPECT_TRUE(may_ask({}, record, now + minutes(60)));
  record.reschedules.push_back(now + minutes(60));
  EXPECT_FALSE(may_ask({}, record, now + minutes(600)));
}

TEST(EscalationTest, AnHourHasRoomForSoManyCuts) {
  Record record;
  record.adjustments.resize(4);
  EXPECT_TRUE(may_cut({}, record));
  record.adjustments.resize(5);
  EXPECT_FALSE(may_cut({}, record));
}

TEST(EscalationTest, FreezesDifferByAFifthAndHostsByTheirSeeds) {
  std::uint64_t seed = 1;
  std::uint64_t other = 2;
  EXPECT_NE(freeze_length({}, seed), freeze_length({}, other));
  Duration least = minutes(30);
  Duration most = minutes(30);
  for (int i = 0; i < 1000; ++i) {
    const Duration length = freeze_length({}, seed);
    least = std::min(least, length);
    most = std::max(most, length);
  }
  EXPECT_GE(least, minutes(24));
  EXPECT_LE(most, minutes(36));
  EXPECT_LT(least, minutes(25));
  EXPECT_GT(most, minutes(35));
}

}  // namespace
}  // namespace cpi
