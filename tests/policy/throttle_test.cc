#include "policy/throttle.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kNow{hours(100)};

Throttle throttled(Millicores quota, Millicores start) {
  Throttle throttle;
  throttle.quota = quota;
  throttle.start = start;
  throttle.since = kNow;
  return throttle;
}

TEST(ThrottleTest, TheFirstCutHalvesWhatTheContainerCanUse) {
  const auto cut = next_cut({}, nullptr, 4000);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->before, 4000);
  EXPECT_EQ(cut->quota, 2000);
}

TEST(ThrottleTest, EveryFurtherCutHalvesTheQuota) {
  const Throttle live = throttled(2000, 4000);
  EXPECT_EQ(next_cut({}, &live, 4000)->quota, 1000);
}

// A quota above what is used holds nothing back: halving it would look like a
// remedy without effect.
TEST(ThrottleTest, ACutBitesThoughTheContainerUsesLessThanItsQuota) {
  const Throttle live = throttled(2000, 4000);
  EXPECT_EQ(next_cut({}, &live, 600)->quota, 300);
}

TEST(ThrottleTest, NoCutGoesUnderTheFloor) {
  const Throttle live = throttled(60, 4000);
  EXPECT_EQ(next_cut({}, &live, 4000)->quota, 50);
  const Throttle floored = throttled(50, 4000);
  EXPECT_FALSE(next_cut({}, &floored, 4000));
}

TEST(ThrottleTest, AContainerUnderTheFloorIsNeverCut) {
  EXPECT_FALSE(next_cut({}, nullptr, 30));
}

TEST(ThrottleTest, AStepAddsItsShareOfTheStart) {
  EXPECT_EQ(next_raise({}, throttled(2000, 4000), {}, kNow), 2400);
}

TEST(ThrottleTest, TheLastStepIsTheStart) {
  EXPECT_EQ(next_raise({}, throttled(3900, 4000), {}, kNow), 4000);
}

TEST(ThrottleTest, TheQuotaStaysAwayFromWhereHarmWasSeen) {
  Record record;
  remember_harm({}, record, 3000, false, kNow);
  const Throttle near = throttled(2600, 4000);
  EXPECT_EQ(next_raise({}, near, record, kNow + minutes(29)), 2700);
  const Throttle at = throttled(2700, 4000);
  EXPECT_FALSE(next_raise({}, at, record, kNow + minutes(29)));
  EXPECT_EQ(next_raise({}, at, record, kNow + minutes(30)), 3100);
}

TEST(ThrottleTest, HarmThatReturnsIsRememberedTwiceAsLong) {
  Record record;
  remember_harm({}, record, 3000, false, kNow);
  Duration expected = minutes(30);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(record.hold, expected);
    remember_harm({}, record, 3000, true, kNow);
    expected = std::min<Duration>(2 * expected, hours(8));
  }
  EXPECT_EQ(record.hold, hours(8));
}

TEST(ThrottleTest, HarmReturnsWhenItFollowsARaiseOrComesWithinItsMemory) {
  Record record;
  Throttle live = throttled(2000, 4000);
  EXPECT_FALSE(harm_returns(&live, record, kNow));
  live.rising = true;
  EXPECT_TRUE(harm_returns(&live, record, kNow));
  EXPECT_FALSE(harm_returns(nullptr, record, kNow));
  remember_harm({}, record, 3000, false, kNow);
  EXPECT_TRUE(harm_returns(nullptr, record, kNow + minutes(59)));
  EXPECT_FALSE(harm_returns(nullptr, record, kNow + minutes(60)));
}

TEST(ThrottleTest, AFurtherCutInTheSameDescentDoesNotDoubleTheMemory) {
  Record record;
  Throttle live = throttled(2000, 4000);
  remember_harm({}, record, 4000, false, kNow);
  remember_harm({}, record, 2000, harm_returns(&live, record, kNow), kNow);
  EXPECT_EQ(record.hold, minutes(30));
}

TEST(ThrottleTest, TheAllowanceCountsWhatADayHasSeenAndNoMore) {
  Record record;
  record.throttled.push_back(
      {kNow - hours(25), kNow - hours(23) - minutes(30)});
  record.throttled.push_back({kNow - hours(2), kNow - hours(1)});
  Throttle live = throttled(2000, 4000);
  live.since = kNow - minutes(10);
  EXPECT_EQ(throttled_time(record, &live, kNow), minutes(30 + 60 + 10));
  EXPECT_EQ(allowance({}, record, &live, kNow), minutes(20));
  // The oldest one has left the day by then.
  EXPECT_EQ(allowance({}, record, &live, kNow + minutes(40)), minutes(10));
  EXPECT_EQ(allowance({}, record, &live, kNow + minutes(60)), Duration{});
}

// Otherwise a culprit would be throttled for seconds at a time, exactly a day
// later, and every trial of it would fail.
TEST(ThrottleTest, NothingIsBegunWithTheLastOfAnAllowance) {
  const Throttle live = throttled(2000, 4000);
  EXPECT_TRUE(is_allowed({}, minutes(20), &live, seconds(10)));
  EXPECT_FALSE(is_allowed({}, minutes(20), nullptr, seconds(10)));
  EXPECT_FALSE(is_allowed({}, seconds(10), &live, seconds(10)));
}

TEST(ThrottleTest, ARecordIsForgottenOnceNothingInItMatters) {
  Record record;
  EXPECT_TRUE(forget_old(record, kNow));
  record.adjustments = {kNow};
  record.reschedules = {kNow};
  record.throttled.push_back({kNow, kNow + minutes(5)});
  remember_harm({}, record, 1000, false, kNow);
  EXPECT_FALSE(forget_old(record, kNow + hours(2)));
  EXPECT_TRUE(record.adjustments.empty());
  EXPECT_FALSE(record.reschedules.empty());
  EXPECT_TRUE(forget_old(record, kNow + hours(25)));
}

TEST(ThrottleTest, WhateverTheWayTheQuotaStaysBetweenFloorAndStart) {
  Random random(3);
  for (int run = 0; run < 200; ++run) {
    ThrottleConfig config;
    config.factor = random.uniform(0.1, 0.9);
    config.step = random.uniform(0.01, 1);
    config.min_quota = random.uniform(0.01, 0.2);
    const Millicores floor = to_millicores(config.min_quota);
    Throttle live = throttled(0, to_millicores(random.uniform(0.3, 64)));
    live.quota = live.start;
    Record record;
    Instant now = kNow;
    for (int i = 0; i < 100; ++i, now += minutes(5)) {
      if (random.uniform() < 0.4) {
        const auto most = to_millicores(random.uniform(0, 64));
        if (const auto cut = next_cut(config, &live, most)) {
          remember_harm(config, record, cut->before, i % 2 == 0, now);
          EXPECT_LT(cut->quota, live.quota);
          live.quota = cut->quota;
        }
      } else if (const auto next = next_raise(config, live, record, now)) {
        EXPECT_TRUE(*next > live.quota || live.quota == live.start);
        live.quota = *next;
      }
      EXPECT_GE(live.quota, floor);
      EXPECT_LE(live.quota, live.start);
    }
  }
}

}  // namespace
}  // namespace cpi
