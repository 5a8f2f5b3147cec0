#include "incident/detector.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/random.h"

namespace cpi {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);

Score score_of(double deviation) {
  Score score;
  score.expected = 1;
  score.standard_deviation = 0.1;
  score.deviation = deviation;
  score.value = 1 + 0.1 * deviation;
  score.basis = Basis::buckets;
  score.learning = Learning::ready;
  score.deviations = 3;
  score.anomaly = deviation > 3;
  return score;
}

// Only one rule is on.
DetectorConfig only(Rule rule) {
  DetectorConfig config;
  if (rule != Rule::consecutive) config.consecutive = 0;
  config.count = rule == Rule::count ? 3 : 0;
  if (rule != Rule::cumulative_sum) config.threshold = 0;
  return config;
}

class DetectorTest : public testing::Test {
 protected:
  void use(const DetectorConfig& config) {
    detector_ = Detector(config, "web", {1, 2, "/web"});
  }
  Change step(const Score& score) {
    now_ += kWindow;
    return detector_.update(score, now_, kWindow);
  }
  Change step(double deviation) { return step(score_of(deviation)); }
  // Steps until something changes; the number of steps, 0 if nothing does.
  int steps_until(Change change, double deviation, int limit = 1000) {
    for (int i = 1; i <= limit; ++i) {
      if (step(deviation) == change) return i;
    }
    return 0;
  }
  void skip(int windows) { now_ += windows * kWindow; }

  Instant now_{seconds(1000)};
  Detector detector_{DetectorConfig{}, "web", {1, 2, "/web"}};
};

TEST_F(DetectorTest, OneSpikeIsAbsorbed) {
  EXPECT_EQ(step(50), Change::none);
  EXPECT_EQ(steps_until(Change::opened, 0, 100), 0);
}

TEST_F(DetectorTest, NormalDeviationsNeverBecomeAnIncident) {
  EXPECT_EQ(steps_until(Change::opened, 0.4), 0);
}

TEST_F(DetectorTest, NegativeDeviationsNeverBecomeAnIncident) {
  EXPECT_EQ(steps_until(Change::opened, -10), 0);
}

TEST_F(DetectorTest, AnomaliesInARowOpenAnIncident) {
  use(only(Rule::consecutive));
  EXPECT_EQ(steps_until(Change::opened, 3.5), 3);
  EXPECT_EQ(detector_.incident()->rule, Rule::consecutive);
}

TEST_F(DetectorTest, AnInterruptedRowDoesNot) {
  use(only(Rule::consecutive));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(step(3.5), Change::none);
    EXPECT_EQ(step(3.5), Change::none);
    EXPECT_EQ(step(2.5), Change::none);
  }
}

TEST_F(DetectorTest, AnomaliesWithinTheWindowOpenAnIncident) {
  use(only(Rule::count));
  for (int i = 0; i < 2; ++i) {
    step(3.5);
    for (int quiet = 0; quiet < 10; ++quiet) step(0.0);
  }
  EXPECT_EQ(step(3.5), Change::opened);
  EXPECT_EQ(detector_.incident()->rule, Rule::count);
}

TEST_F(DetectorTest, AnomaliesFartherApartThanTheWindowDoNot) {
  use(only(Rule::count));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(step(3.5), Change::none);
    for (int quiet = 0; quiet < 20; ++quiet) step(0.0);
  }
}

TEST_F(DetectorTest, AShiftThatIsNeverAnAnomalyIsFoundByItsSum) {
  EXPECT_EQ(steps_until(Change::opened, 1.0), 17);
  EXPECT_EQ(detector_.incident()->rule, Rule::cumulative_sum);
  EXPECT_EQ(detector_.incident()->incident_class, IncidentClass::mild);
}

TEST_F(DetectorTest, TheSumAllowsForWhatPersistsByItself) {
  Score score = score_of(1);
  score.persistence = 0.5;
  for (int i = 0; i < 200; ++i) EXPECT_EQ(step(score), Change::none);
}

TEST_F(DetectorTest, IndependentWindowsRaiseFewFalseIncidents) {
  // One in 19,000 is what the default promises; ten per 190,000.
  Random random(1);
  int opened = 0;
  for (int i = 0; i < 190'000; ++i) {
    opened += step(random.normal()) == Change::opened;
  }
  EXPECT_GE(opened, 1);
  EXPECT_LE(opened, 20);
}

TEST_F(DetectorTest, TheEvidenceBeginsWhereTheDeviationDid) {
  for (int i = 0; i < 20; ++i) step(0.0);
  const Instant before = now_;
  steps_until(Change::opened, 2.0);
  EXPECT_EQ(detector_.incident()->onset, before + kWindow);
  EXPECT_EQ(detector_.incident()->evidence.size(), 6u);
  EXPECT_EQ(detector_.incident()->effective, now_);
}

TEST_F(DetectorTest, SeverityUsesUnclippedDeviationsAndTheExcess) {
  steps_until(Change::opened, 3.5);
  EXPECT_EQ(detector_.incident()->incident_class, IncidentClass::strong);
  use(DetectorConfig{});
  steps_until(Change::opened, 7.0);
  EXPECT_EQ(detector_.incident()->incident_class, IncidentClass::severe);
  EXPECT_DOUBLE_EQ(detector_.incident()->deviation, 7);
}

TEST_F(DetectorTest, ManyDeviationsOfATinyExcessAreNotSevere) {
  Score score = score_of(8);
  score.standard_deviation = 0.01;
  score.value = 1.08;
  for (int i = 0; i < 5; ++i) step(score);
  ASSERT_TRUE(detector_.incident());
  EXPECT_EQ(detector_.incident()->incident_class, IncidentClass::strong);
}

TEST_F(DetectorTest, RecoveryNeedsTheSumToRunOutAndSomeCalm) {
  steps_until(Change::opened, 4.0);
  EXPECT_EQ(step(0.0), Change::none);
  const int steps = steps_until(Change::recovered, 0.0, 100);
  EXPECT_GE(steps, 3);
  EXPECT_LE(steps, 40);
  EXPECT_FALSE(detector_.incident());
  EXPECT_TRUE(detector_.closed());
}

TEST_F(DetectorTest, HoweverLongTheHarmRecoveryIsBounded) {
  for (int i = 0; i < 5000; ++i) step(10.0);
  EXPECT_LE(steps_until(Change::recovered, 0.0, 100), 40);
}

TEST_F(DetectorTest, AnOpenIncidentIsReportedOnce) {
  EXPECT_EQ(steps_until(Change::opened, 4.0), 3);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(step(4.0), Change::none);
  EXPECT_EQ(detector_.incident()->effects, 1);
}

TEST_F(DetectorTest, AnActionSpendsItsEvidence) {
  steps_until(Change::opened, 4.0);
  detector_.spend();
  EXPECT_DOUBLE_EQ(detector_.sum(), 0);
  // Two windows settle, then the evidence has to be complete again.
  EXPECT_EQ(steps_until(Change::repeated, 4.0), 2 + 3);
  EXPECT_EQ(detector_.incident()->effects, 2);
}

TEST_F(DetectorTest, StaleEvidenceNeverRepeatsAfterTheHarmHasEnded) {
  steps_until(Change::opened, 4.0);
  detector_.spend();
  step(4.0);
  step(4.0);
  EXPECT_EQ(steps_until(Change::recovered, 0.0, 20), 3);
}

TEST_F(DetectorTest, AMissingWindowHoldsTheSum) {
  step(4.0);
  step(4.0);
  const double sum = detector_.sum();
  skip(2);
  step(0.5);
  EXPECT_DOUBLE_EQ(detector_.sum(), sum);
}

TEST_F(DetectorTest, AHoleForgetsTheEvidence) {
  step(4.0);
  step(4.0);
  skip(4);
  EXPECT_EQ(step(4.0), Change::none);
  EXPECT_LT(detector_.sum(), 4);
}

TEST_F(DetectorTest, AHoleEndsAnIncident) {
  steps_until(Change::opened, 4.0);
  skip(10);
  EXPECT_EQ(step(0.0), Change::recovered);
  EXPECT_TRUE(detector_.closed()->voided);
}

TEST_F(DetectorTest, ARelearnedModelVoidsTheEvidence) {
  step(4.0);
  step(4.0);
  detector_.reset();
  EXPECT_EQ(step(1.0), Change::none);
  EXPECT_DOUBLE_EQ(detector_.sum(), 0.5);
}

// Whoever has it from this tick looks at it until the next.
TEST_F(DetectorTest, AnIncidentOutlivesAResetUntilTheNextWindow) {
  steps_until(Change::opened, 4.0);
  const Incident* incident = detector_.incident();
  detector_.reset();
  EXPECT_EQ(detector_.incident(), incident);
  EXPECT_FALSE(incident->evidence.empty());
  EXPECT_EQ(step(4.0), Change::recovered);
  EXPECT_TRUE(detector_.closed()->voided);
  EXPECT_FALSE(detector_.incident());
}

TEST_F(DetectorTest, AnIncidentThatIsSeenToEndIsNotVoid) {
  steps_until(Change::opened, 4.0);
  steps_until(Change::recovered, 0.0, 100);
  EXPECT_FALSE(detector_.closed()->voided);
}

TEST_F(DetectorTest, AHoleDoesNotStretchTheSettling) {
  steps_until(Change::opened, 4.0);
  skip(3);
  detector_.spend();
  EXPECT_EQ(steps_until(Change::repeated, 4.0), 2 + 3);
}
TEST_F(DetectorTest, AWarmingModelOpensNothing) {
  Score score = score_of(9);
  score.learning = Learning::warm_up;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(step(score), Change::none);
}

TEST_F(DetectorTest, NoiseIsNoEvidence) {
  Score score = score_of(9);
  score.noise = true;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(step(score), Change::none);
}

TEST_F(DetectorTest, AnUnverifiedModelAlarmsButMayNotAct) {
  Score score = score_of(4);
  score.learning = Learning::unverified;
  for (int i = 0; i < 3; ++i) step(score);
  ASSERT_TRUE(detector_.incident());
  EXPECT_FALSE(detector_.incident()->may_act);
}

TEST_F(DetectorTest, WithEveryRuleOffNothingOpens) {
  DetectorConfig config;
  config.consecutive = 0;
  config.threshold = 0;
  use(config);
  EXPECT_EQ(steps_until(Change::opened, 100), 0);
}

TEST_F(DetectorTest, EvidenceIsBounded) {
  for (int i = 0; i < 5000; ++i) step(4.0);
  EXPECT_EQ(detector_.incident()->evidence.size(), 60u);
}

}  // namespace
}  // namespace cpi
