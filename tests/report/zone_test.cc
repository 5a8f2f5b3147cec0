#include "report/zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

// Midnight UTC of the days on which Europe/London changes its clocks in 2026:
// at 01:00 UTC, to BST (UTC+1) and back to GMT.
constexpr std::int64_t kSpring = 1'774'742'400'000;  // 2026-03-29
constexpr std::int64_t kAutumn = 1'792'886'400'000;  // 2026-10-25

Zone zone(const std::string& name) {
  auto zone = Zone::named(name);
  EXPECT_TRUE(zone) << zone.error().message();
  return *zone;
}

std::vector<std::string> labels(const std::vector<TimeTick>& ticks) {
  std::vector<std::string> labels;
  for (const TimeTick& tick : ticks) labels.push_back(tick.label);
  return labels;
}

TEST(ZoneTest, AnUnknownZoneIsAnErrorThatNamesIt) {
  const auto none = Zone::named("Asia/Atlantis");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message(), HasSubstr("Asia/Atlantis"));
  EXPECT_FALSE(Zone::named("../../etc/passwd"));
}

TEST(ZoneTest, TheHostHasAZone) { EXPECT_FALSE(zone("").name().empty()); }

TEST(ZoneTest, HongKongIsEightHoursAhead) {
  const Zone hong_kong = zone("Asia/Hong_Kong");
  EXPECT_EQ(hong_kong.time(kAutumn), "2026-10-25 08:00:00 HKT");
  // Its day begins at 16:00 UTC.
  EXPECT_EQ(hong_kong.day(kAutumn + 16 * kHour - 1), "2026-10-25");
  EXPECT_EQ(hong_kong.day(kAutumn + 16 * kHour), "2026-10-26");
  EXPECT_EQ(Zone::utc(kAutumn + 1000), "2026-10-25T00:00:01Z");
}

TEST(ZoneTest, TheHourThatLondonRepeatsIsToldApart) {
  const Zone london = zone("Europe/London");
  EXPECT_EQ(london.time(kAutumn + 30 * kMinute), "2026-10-25 01:30:00 BST");
  EXPECT_EQ(london.time(kAutumn + 90 * kMinute), "2026-10-25 01:30:00 GMT");
}

TEST(ZoneTest, TheHourThatLondonSkipsDoesNotOccur) {
  const Zone london = zone("Europe/London");
  EXPECT_EQ(london.time(kSpring + kHour - 1000), "2026-03-29 00:59:59 GMT");
  EXPECT_EQ(london.time(kSpring + kHour), "2026-03-29 02:00:00 BST");
}

TEST(ZoneTest, LondonsDaysHave23And25HoursWhenClocksChange) {
  const Zone london = zone("Europe/London");
  const auto quarters = [&](const std::string& day, std::int64_t about) {
    int count = 0;
    for (auto time = about - 2 * kDay; time < about + 2 * kDay;
         time += 15 * kMinute) {
      count += london.day(time) == day;
    }
    return count;
  };
  EXPECT_EQ(quarters("2026-03-29", kSpring), 23 * 4);
  EXPECT_EQ(quarters("2026-10-25", kAutumn), 25 * 4);
  EXPECT_EQ(quarters("2026-10-24", kAutumn), 24 * 4);
  // The day of summer time ends at 23:00 UTC of the day before.
  EXPECT_EQ(london.day(kAutumn - kHour), "2026-10-25");
  EXPECT_EQ(london.day(kAutumn - kHour - 1), "2026-10-24");
}

TEST(ZoneTest, DaysAreCountedBackAcrossAChange) {
  EXPECT_THAT(zone("Europe/London").days(kSpring + 23 * kHour, 3),
              ElementsAre("2026-03-28", "2026-03-29", "2026-03-30"));
  EXPECT_THAT(zone("Asia/Hong_Kong").days(kAutumn + 20 * kHour, 2),
              ElementsAre("2026-10-25", "2026-10-26"));
}

TEST(ZoneTest, TicksAreRoundLocalTimes) {
  const auto ticks = zone("Asia/Hong_Kong").ticks(kAutumn, kAutumn + kDay, 10);
  EXPECT_THAT(labels(ticks), ElementsAre("09:00", "12:00", "15:00", "18:00",
                                         "21:00", "10-26", "03:00", "06:00"));
  EXPECT_EQ(ticks[0].time_ms, kAutumn + kHour);
  EXPECT_EQ(ticks[5].time_ms, kAutumn + 16 * kHour);
}

TEST(ZoneTest, TicksStayRoundAcrossTheChangeToSummerTime) {
  const auto ticks = zone("Europe/London").ticks(kSpring, kSpring + kDay, 10);
  EXPECT_THAT(labels(ticks),
              ElementsAre("03-29", "03:00", "06:00", "09:00", "12:00", "15:00",
                          "18:00", "21:00", "03-30"));
  EXPECT_EQ(ticks[1].time_ms, kSpring + 2 * kHour);
  EXPECT_EQ(ticks[8].time_ms, kSpring + 23 * kHour);
}

TEST(ZoneTest, TicksStayRoundAcrossTheChangeToWinterTime) {
  const auto ticks =
      zone("Europe/London").ticks(kAutumn - kHour, kAutumn + 24 * kHour, 10);
  EXPECT_THAT(labels(ticks),
              ElementsAre("10-25", "03:00", "06:00", "09:00", "12:00", "15:00",
                          "18:00", "21:00", "10-26"));
  EXPECT_EQ(ticks[0].time_ms, kAutumn - kHour);
  EXPECT_EQ(ticks[1].time_ms, kAutumn + 3 * kHour);
}

TEST(ZoneTest, ARepeatedHourHasItsTicksTwice) {
  const auto ticks =
      zone("Europe/London").ticks(kAutumn, kAutumn + 2 * kHour, 6);
  EXPECT_THAT(labels(ticks),
              ElementsAre("01:00", "01:30", "01:00", "01:30", "02:00"));
}

TEST(ZoneTest, TicksNeverExceedTheirNumberWhateverThePeriod) {
  const Zone kathmandu = zone("Asia/Kathmandu");  // UTC+5:45
  for (const std::int64_t length :
       {kMinute, 7 * kMinute, kHour, 5 * kHour, kDay, 9 * kDay, 40 * kDay,
        400 * kDay, 4000 * kDay}) {
    for (const std::size_t most : {2U, 5U, 10U}) {
      const auto ticks =
          kathmandu.ticks(kAutumn + 12'345, kAutumn + 12'345 + length, most);
      EXPECT_LE(ticks.size(), most) << length << " " << most;
      for (const TimeTick& tick : ticks) {
        EXPECT_GE(tick.time_ms, kAutumn + 12'345);
        EXPECT_LE(tick.time_ms, kAutumn + 12'345 + length);
      }
    }
  }
}

}  // namespace
}  // namespace cpi
