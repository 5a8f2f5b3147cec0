#include "service/metric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "service/metrics.h"

namespace cpi {
namespace {

double events(const EventCount& series, int until) {
  return series.until(kEpoch + until * kInterval).events;
}

TEST(EventCountTest, EveryKindOfSeriesCountsTheSameEvents) {
  EventCount totals;
  EventCount rates;
  EventCount counts;
  totals.add(total(0, 1000));
  for (int tick = 1; tick <= 10; ++tick) {
    EXPECT_TRUE(totals.add(total(tick, 1000 + 50 * tick)));
    EXPECT_TRUE(rates.add(rate(tick, 5)));
    EXPECT_TRUE(counts.add(count(tick, 50)));
  }
  EXPECT_DOUBLE_EQ(events(totals, 10), 500);
  EXPECT_DOUBLE_EQ(events(rates, 10), 500);
  EXPECT_DOUBLE_EQ(events(counts, 10), 500);
  EXPECT_DOUBLE_EQ(events(totals, 5), 250);
}

TEST(EventCountTest, OnlyTheWindowCounts) {
  EventCount series;
  for (int tick = 1; tick <= 100; ++tick) series.add(count(tick, 1));
  EXPECT_DOUBLE_EQ(events(series, 100), 30);
  EXPECT_LT(series.size(), 62u);
}

TEST(EventCountTest, AWindowIsTheSumOfWhatLiesWithinIt) {
  EventCount series;
  std::vector<Increment> all;
  for (int tick = 1; tick <= 100; ++tick) {
    if (tick % 7 == 3) continue;  // values come late
    series.add(count(tick, tick));
    all.push_back(*series.latest());
    if (tick == 60) series.forget_before(kEpoch + 50 * kInterval);
  }
  for (int until = 45; until <= 101; ++until) {
    const Duration end = kEpoch + until * kInterval;
    Events sum;
    for (const Increment& one : all) {
      const bool known = one.begin >= kEpoch + 50 * kInterval &&
                         one.begin >= all.back().end - 2 * EventCount::kWindow;
      const bool within =
          one.end <= end && one.begin >= end - EventCount::kWindow;
      if (!known || !within) continue;
      sum.events += one.events;
      sum.covered += one.end - one.begin;
    }
    EXPECT_DOUBLE_EQ(series.until(end).events, sum.events) << until;
    EXPECT_EQ(series.until(end).covered, sum.covered) << until;
  }
}

TEST(EventCountTest, ATotalThatFellBeganAnew) {
  EventCount series;
  EXPECT_TRUE(series.add(total(0, 500)));
  EXPECT_FALSE(series.add(total(1, 30)));
  EXPECT_TRUE(series.add(total(2, 40)));
  EXPECT_DOUBLE_EQ(events(series, 2), 10);
}

TEST(EventCountTest, WhatCannotBeACountIsIgnored) {
  EventCount series;
  series.add(total(0, 10));
  for (const double value :
       {std::nan(""), std::numeric_limits<double>::infinity(), -1.0}) {
    EXPECT_TRUE(series.add(total(1, value)));
  }
  EXPECT_TRUE(series.add(total(0, 5)));   // the same time again
  EXPECT_TRUE(series.add(total(-1, 5)));  // and an older one
  EXPECT_TRUE(series.add(total(2, 20)));
  EXPECT_DOUBLE_EQ(events(series, 2), 10);
}

TEST(EventCountTest, HugeValuesStayFinite) {
  EventCount series;
  for (int tick = 0; tick < 1000; ++tick) series.add(count(tick, 1e30));
  for (int tick = 1000; tick < 2000; ++tick) series.add(rate(tick, 1e30));
  EXPECT_TRUE(std::isfinite(events(series, 2000)));
}

TEST(EventCountTest, ARateSaysNothingAboutAGap) {
  EventCount series;
  series.add(rate(1, 1));
  series.add(rate(29, 1));
  EXPECT_DOUBLE_EQ(events(series, 29), 10 + 20);
}

}  // namespace
}  // namespace cpi
