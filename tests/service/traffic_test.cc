#include "service/traffic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "service/metrics.h"

namespace cpi {
namespace {

constexpr double kMinRequests = 100;

// Both series, growing by so much every tick.
struct Feed {
  Traffic traffic{kMinRequests};
  double requests = 10'000;
  double failures = 100;
  int tick = 0;

  void step(double more_requests, double more_failures) {
    requests += more_requests;
    failures += more_failures;
    traffic.requests(total(tick, requests));
    traffic.failures(total(tick, failures));
    ++tick;
  }
};

TEST(SuccessRateTest, IsThatOfTheLastFiveMinutes) {
  Feed feed;
  feed.step(0, 0);
  for (int i = 0; i < 10; ++i) feed.step(100, 1.1);
  EXPECT_NEAR(*feed.traffic.success_rate(), 0.989, 1e-9);
  for (int i = 0; i < 30; ++i) feed.step(100, 0.9);
  EXPECT_NEAR(*feed.traffic.success_rate(), 0.991, 1e-9);
}

TEST(SuccessRateTest, ASeriesThatStoppedIsNotComparedForEver) {
  Feed feed;
  feed.step(0, 0);
  for (int i = 0; i < 40; ++i) feed.step(100, 1);
  ASSERT_TRUE(feed.traffic.success_rate());
  for (int i = 0; i < 60; ++i) {
    feed.traffic.requests(total(feed.tick++, feed.requests += 100));
  }
  EXPECT_EQ(feed.traffic.success_rate(), std::nullopt);
}

TEST(SuccessRateTest, TooFewRequestsMeanNothing) {
  Feed feed;
  feed.step(0, 0);
  feed.step(99, 99);
  EXPECT_EQ(feed.traffic.success_rate(), std::nullopt);
  feed.step(1, 0);
  EXPECT_NEAR(*feed.traffic.success_rate(), 0.01, 1e-9);
}

TEST(SuccessRateTest, OneSeriesAloneMeansNothing) {
  Traffic traffic(kMinRequests);
  for (int i = 0; i < 30; ++i) traffic.requests(total(i, 1000.0 * i));
  EXPECT_EQ(traffic.success_rate(), std::nullopt);
  traffic.failures(total(29, 7));  // its first value counts nothing yet
  EXPECT_EQ(traffic.success_rate(), std::nullopt);
}

// The service restarts: its totals begin at zero. The requests' total has not
// yet reached what it was, the failures' has: taken for the same life, all the
// failures would be held against few requests.
TEST(SuccessRateTest, ARestartOfTheServiceIsNoFailure) {
  Feed feed;
  feed.failures = 0;
  feed.requests = 0;
  feed.step(0, 0);
  for (int i = 0; i < 10; ++i) feed.step(1000, 0);
  feed.requests = 900;
  feed.failures = 8;
  feed.step(0, 0);
  EXPECT_EQ(feed.traffic.success_rate(), std::nullopt);
  for (int i = 0; i < 30; ++i) {
    feed.step(100, 0.9);
    if (const auto success = feed.traffic.success_rate()) {
      EXPECT_NEAR(*success, 0.991, 1e-9);
    }
  }
  EXPECT_TRUE(feed.traffic.success_rate());
}

TEST(SuccessRateTest, ASeriesThatIsLateIsWaitedFor) {
  Feed feed;
  for (int i = 0; i < 60; ++i) {
    // A burst of requests every minute, with its failures.
    const double burst = i % 6 == 0 ? 1000 : 10;
    feed.requests += burst;
    feed.failures += burst * 0.009;
    feed.traffic.requests(total(i, feed.requests));
    if (i >= 2) {
      double late = 100;
      for (int j = 0; j <= i - 2; ++j) {
        late += (j % 6 == 0 ? 1000 : 10) * 0.009;
      }
      feed.traffic.failures(total(i - 2, late));
    }
    if (const auto success = feed.traffic.success_rate()) {
      EXPECT_NEAR(*success, 0.991, 1e-6) << i;
    }
  }
  EXPECT_TRUE(feed.traffic.success_rate());
}

TEST(SuccessRateTest, MoreFailuresThanRequestsAreNoNegativeRate) {
  Feed feed;
  feed.step(0, 0);
  feed.step(100, 5000);
  EXPECT_EQ(feed.traffic.success_rate(), 0.0);
}

void steady(Traffic& traffic, int from, int to, double per_second) {
  for (int i = from; i < to; ++i) traffic.requests(rate(i, per_second));
}

TEST(TrafficTest, IsGoneWhenNextToNothingOfTheUsualIsLeft) {
  Traffic traffic(kMinRequests);
  steady(traffic, 1, 400, 20);
  EXPECT_EQ(traffic.gone(), false);
  EXPECT_NEAR(traffic.usual(), 13.4, 0.5);  // an hour is learnt by two thirds
  steady(traffic, 400, 420, 0);
  EXPECT_EQ(traffic.gone(), false);  // 200 seconds of five minutes
  steady(traffic, 420, 432, 0);
  EXPECT_EQ(traffic.gone(), true);
}

TEST(TrafficTest, WhatIsUsualIsNotForgottenWhileItIsGone) {
  Traffic traffic(kMinRequests);
  steady(traffic, 1, 1000, 20);
  steady(traffic, 1000, 1100, 0);
  const double usual = traffic.usual();
  steady(traffic, 1100, 2000, 0);
  EXPECT_EQ(traffic.usual(), usual);
  EXPECT_EQ(traffic.gone(), true);
  steady(traffic, 2000, 2030, 20);
  EXPECT_EQ(traffic.gone(), false);
}

TEST(TrafficTest, IsNotGoneForEver) {
  Traffic traffic(kMinRequests);
  steady(traffic, 1, 1000, 20);
  steady(traffic, 1000, 1000 + 24 * 360 + 100, 0);
  EXPECT_NE(traffic.gone(), true);
}

TEST(TrafficTest, ASeriesThatStopsIsNotMeasuredRatherThanGone) {
  Traffic traffic(kMinRequests);
  steady(traffic, 1, 1000, 20);
  traffic.requests(rate(1100, 0));
  EXPECT_EQ(traffic.gone(), std::nullopt);
}

TEST(TrafficTest, LittleTrafficIsNeverGone) {
  Traffic traffic(kMinRequests);
  steady(traffic, 1, 1000, 0.2);  // sixty in five minutes
  steady(traffic, 1000, 1100, 0);
  EXPECT_EQ(traffic.gone(), std::nullopt);
}

TEST(TrafficTest, ANightIsNotTheEnd) {
  Traffic traffic(kMinRequests);
  for (int i = 1; i < 3 * 8640; ++i) {
    const double day = std::sin(i * 2 * M_PI / 8640);
    traffic.requests(rate(i, 100 * (1.05 + day)));
    ASSERT_NE(traffic.gone(), true) << i;
  }
}

TEST(TrafficTest, TheUsualSurvivesARestartOfTheAgent) {
  Traffic before(kMinRequests);
  steady(before, 1, 1000, 20);
  Traffic after(kMinRequests);
  after.restore(before.state());
  steady(after, 1001, 1040, 0);
  EXPECT_EQ(after.gone(), true);
}

}  // namespace
}  // namespace cpi
