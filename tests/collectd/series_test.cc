#include "collectd/series.h"

#include <gtest/gtest.h>

#include <vector>

#include "collectd/samples.h"

namespace cpi {
namespace {

Combined combine(const std::vector<Sample>& samples, Duration count_time = {}) {
  std::vector<const Sample*> pointers;
  for (const Sample& sample : samples) pointers.push_back(&sample);
  return combine(pointers, count_time);
}

TEST(CombineTest, OneSampleIsItself) {
  const Combined one = combine({sample_of("web", "/a")});
  EXPECT_DOUBLE_EQ(*one.cpu_usage, 0.25);
  EXPECT_DOUBLE_EQ(one.counted->cpi(), 2.0);
  EXPECT_DOUBLE_EQ(one.counted->effective_ghz(), 2.0);
  EXPECT_DOUBLE_EQ(one.counted->ns_per_instruction(), 1.0);
  EXPECT_DOUBLE_EQ(one.rates->cycles, 2e9);
  EXPECT_DOUBLE_EQ(one.rates->instructions, 1e9);
  EXPECT_DOUBLE_EQ(*one.running_ratio, 1.0);
  EXPECT_DOUBLE_EQ(*one.cpu_wait, 0.1);
  EXPECT_DOUBLE_EQ(*one.throttled, 0.05);
}

TEST(CombineTest, CpiIsThatOfAllTheWorkNotTheMeanOfCpis) {
  Sample small = sample_of("web", "/b");
  small.counted = Counted{1e9, 1e8, std::chrono::seconds(1), 1.0};  // CPI 10
  const Combined both = combine({sample_of("web", "/a"), small});
  EXPECT_DOUBLE_EQ(both.counted->cpi(), 2.1e10 / 1.01e10);
  EXPECT_DOUBLE_EQ(both.rates->cycles, 2.1e9);
}

TEST(CombineTest, UsageAddsUpAndWaitIsTheWorst) {
  Sample starving = sample_of("web", "/b");
  starving.cpu_wait = 0.9;
  starving.throttled = 0.0;
  starving.running_ratio = 0.6;
  const Combined both = combine({sample_of("web", "/a"), starving});
  EXPECT_DOUBLE_EQ(*both.cpu_usage, 0.5);
  EXPECT_DOUBLE_EQ(*both.cpu_wait, 0.9);
  EXPECT_DOUBLE_EQ(*both.throttled, 0.05);
  EXPECT_DOUBLE_EQ(*both.running_ratio, 0.6);
}

TEST(CombineTest, APartOfTheUsageIsNotTheUsage) {
  Sample unknown = sample_of("web", "/b");
  unknown.cpu_usage.reset();
  EXPECT_FALSE(combine({sample_of("web", "/a"), unknown}).cpu_usage);
  EXPECT_FALSE(combine({unknown, sample_of("web", "/a")}).cpu_usage);
}

TEST(CombineTest, AWithheldReplicaLeavesTheOthersCpiButNoRates) {
  const Sample hidden =
      withheld(sample_of("web", "/b"), Withheld::not_scheduled);
  const Combined both = combine({sample_of("web", "/a"), hidden});
  EXPECT_DOUBLE_EQ(both.counted->cpi(), 2.0);
  EXPECT_FALSE(both.rates);
}

TEST(CombineTest, AnIdleReplicaCountsNothing) {
  const Sample idle = withheld(sample_of("web", "/b"), Withheld::idle);
  const Combined both = combine({sample_of("web", "/a"), idle});
  EXPECT_DOUBLE_EQ(both.rates->cycles, 2e9);
  const Combined alone = combine({idle});
  EXPECT_FALSE(alone.counted);
  EXPECT_DOUBLE_EQ(alone.rates->cycles, 0);
}

TEST(CombineTest, WhatNobodyMeasuredIsAbsent) {
  Sample nothing;
  nothing.begin = kBegin;
  nothing.end = kEnd;
  const Combined none = combine({nothing});
  EXPECT_FALSE(none.cpu_usage);
  EXPECT_FALSE(none.counted);
  EXPECT_FALSE(none.rates);
  EXPECT_FALSE(none.running_ratio);
  EXPECT_FALSE(none.cpu_wait);
  EXPECT_FALSE(none.throttled);
}

TEST(CombineTest, UnderADutyCycleRatesAreThoseOfTheCountedPart) {
  // Counted during two of the ten seconds; the enabled time is not to be
  // trusted.
  Sample part = sample_of("web", "/a");
  part.counted = Counted{4e9, 2e9, std::chrono::seconds(7), 1.0};
  EXPECT_DOUBLE_EQ(combine({part}, std::chrono::seconds(2)).rates->cycles, 2e9);
  EXPECT_DOUBLE_EQ(combine({part}).rates->cycles, 4e8);
}

constexpr auto kTen = std::chrono::seconds(10);

TEST(RunningSumTest, GrowsByRateTimesTime) {
  RunningSum sum;
  EXPECT_EQ(sum.advance(5, kBegin, kEnd), 50);
  EXPECT_EQ(sum.advance(7, kEnd, kEnd + kTen), 120);
}

TEST(RunningSumTest, AHoleIsFilledAtTheRateAfterIt) {
  RunningSum sum;
  const auto before = sum.advance(5, kBegin, kEnd);
  // One window was not measured.
  const auto after = sum.advance(7, kEnd + kTen, kEnd + 2 * kTen);
  EXPECT_EQ((after - before) / 20, 7);
}

TEST(RunningSumTest, NeverFalls) {
  RunningSum sum;
  const auto high = sum.advance(5, kBegin, kEnd);
  EXPECT_EQ(sum.advance(7, kBegin, kBegin + kTen / 2), high);
}

TEST(RunningSumTest, LosesNothingBesideLargeNumbers) {
  RunningSum sum;
  const auto large = sum.advance(1e17, kBegin, kEnd);
  EXPECT_EQ(sum.advance(0.1, kEnd, kEnd + kTen), large + 1);
}

}  // namespace
}  // namespace cpi
