#include "model/feedback.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/random.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);
constexpr double kN = 3;

// A service of 20 ms ± 1 ms.
class FeedbackTest : public testing::Test {
 protected:
  void SetUp() override { latency(1, 300, 0); }

  // `count` values around `factor` times the normal latency.
  void latency(double factor, int count, double deviation) {
    for (int i = 0; i < count; ++i) {
      now_ += kWindow;
      feedback_.latency(20 * factor + random_.normal(), deviation, now_);
    }
  }
  double n() { return feedback_.deviations(now_); }

  Random random_{3};
  Instant now_{hours(1)};
  Feedback feedback_{ModelConfig{}};
};

TEST_F(FeedbackTest, NormalLifeChangesNothing) {
  latency(1, 1000, 0);
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, AnIncidentWithNormalLatencyIsRefutedAndRaisesN) {
  feedback_.begin();
  latency(1, 10, 4);
  EXPECT_EQ(feedback_.end(now_), Verdict::refuted);
  EXPECT_GT(n(), kN);
}

TEST_F(FeedbackTest, AnIncidentWithRisenLatencyIsConfirmed) {
  feedback_.begin();
  latency(1.5, 10, 4);
  EXPECT_EQ(feedback_.end(now_), Verdict::confirmed);
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, AThrottledIncidentWhoseLatencyNeverRoseChangesNothing) {
  // A throttle that works at once looks like a false alarm.
  feedback_.begin();
  latency(1, 3, 4);
  feedback_.action();
  latency(1, 500, 1);
  EXPECT_EQ(feedback_.end(now_), Verdict::unknown);
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, LatencyAfterTheActionJudgesNothing) {
  feedback_.begin();
  latency(1.5, 6, 4);
  feedback_.action();
  latency(1, 500, 0);
  EXPECT_EQ(feedback_.end(now_), Verdict::confirmed);
}

TEST_F(FeedbackTest, RisingLatencyWithANormalDeviationChangesNothing) {
  latency(2, 100, 0.3);
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, RisingLatencyWithADeviationNearlyAnAnomalyLowersN) {
  latency(2, 5, 2.8);
  EXPECT_LT(n(), kN);
}

TEST_F(FeedbackTest, RisingLatencyWithoutTheSignalChangesNothing) {
  for (int i = 0; i < 50; ++i) {
    now_ += kWindow;
    feedback_.latency(40, std::nullopt, now_);
  }
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, NStaysWithinItsBounds) {
  const ModelConfig config;
  for (int i = 0; i < 100; ++i) {
    feedback_.begin();
    latency(1, 10, 4);
    feedback_.end(now_);
  }
  EXPECT_DOUBLE_EQ(n(), config.max_deviations);
  latency(2, 500, 4);
  latency(2, 500, 2.6);
  EXPECT_GE(n(), config.min_deviations);
}

TEST_F(FeedbackTest, NDriftsBackToWhatIsConfigured) {
  feedback_.begin();
  latency(1, 10, 4);
  feedback_.end(now_);
  const double raised = n() - kN;
  now_ += hours(7 * 24);
  EXPECT_NEAR(n() - kN, raised / 2, 1e-9);
  now_ += hours(365 * 24);
  EXPECT_NEAR(n(), kN, 1e-9);
}

TEST_F(FeedbackTest, TooLittleDataIsUnknown) {
  feedback_.begin();
  latency(1, 4, 4);
  EXPECT_EQ(feedback_.end(now_), Verdict::unknown);
  Feedback young{ModelConfig{}};
  young.begin();
  for (int i = 0; i < 20; ++i) young.latency(20, 4, now_);
  EXPECT_EQ(young.end(now_), Verdict::unknown);
}

TEST_F(FeedbackTest, NeitherNormalNorRisenIsUnknown) {
  feedback_.begin();
  latency(1.08, 200, 4);
  EXPECT_EQ(feedback_.end(now_), Verdict::unknown);
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, ASlowServiceIsNotTakenForNormal) {
  latency(2, 2000, 0.3);
  feedback_.begin();
  latency(2, 10, 4);
  EXPECT_EQ(feedback_.end(now_), Verdict::confirmed);
}

TEST_F(FeedbackTest, ValuesThatAreNoLatencyAreIgnored) {
  feedback_.begin();
  for (int i = 0; i < 50; ++i) {
    feedback_.latency(std::numeric_limits<double>::quiet_NaN(), 4, now_);
    feedback_.latency(-1, 4, now_);
  }
  EXPECT_EQ(feedback_.end(now_), Verdict::unknown);
}

TEST_F(FeedbackTest, AnAnomalyThatLedToNothingChangesNothing) {
  feedback_.begin();
  latency(1, 10, 4);
  feedback_.dismiss();
  EXPECT_EQ(feedback_.end(now_), Verdict::unknown);
  EXPECT_DOUBLE_EQ(n(), kN);
}

TEST_F(FeedbackTest, AnEndWithoutABeginningIsUnknown) {
  EXPECT_EQ(feedback_.end(now_), Verdict::unknown);
}

}  // namespace
}  // namespace cpi
