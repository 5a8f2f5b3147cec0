#include "base/quantity.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseBytesTest, GigabytesAndGibibytesDiffer) {
  EXPECT_EQ(parse_bytes("80GB"), 80'000'000'000u);
  EXPECT_EQ(parse_bytes("80GiB"), 85'899'345'920u);
  EXPECT_EQ(parse_bytes("1.5 gib"), 1'610'612'736u);
  EXPECT_EQ(parse_bytes("512mb"), 512'000'000u);
  EXPECT_EQ(parse_bytes("1KB"), 1000u);
  EXPECT_EQ(parse_bytes("7B"), 7u);
}

TEST(ParseBytesTest, WhatCouldMeanEitherIsRefused) {
  for (const char* text : {"80G",     "80Gi",   "80",
                           "",        "GB",     "80  GB",
                           " 80GB",   "80GB ",  "-1GB",
                           "+1GB",    "1e3GB",  "0x10GB",
                           "1.2.3GB", ".",      "1,5GB",
                           "0GB",     "0.4B",   "nanGB",
                           "infGB",   "80 G B", "9007199254740992B",
                           "99999PB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_bytes(std::string("80GB\0", 5)), std::nullopt);
}

TEST(FormatBytesTest, IsReadBackAsItWas) {
  for (const std::uint64_t bytes :
       {std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{1024},
        std::uint64_t{80'000'000'000}, std::uint64_t{85'899'345'920},
        std::uint64_t{85'899'345'921}, (std::uint64_t{1} << 53) - 1}) {
    EXPECT_EQ(parse_bytes(format_bytes(bytes)), bytes);
  }
}

TEST(FormatBytesTest, SaysWhatWasWritten) {
  EXPECT_EQ(format_bytes(80'000'000'000), "80GB");
  EXPECT_EQ(format_bytes(85'899'345'920), "80GiB");
  EXPECT_EQ(format_bytes(1'500'000'000), "1500MB");
  EXPECT_EQ(approximate_bytes(79'612'000'000), "79.6 GB");
  EXPECT_EQ(approximate_bytes(0), "0 B");
}

TEST(ParseDurationTest, ReadsSecondsToDays) {
  EXPECT_EQ(parse_duration("5min"), minutes(5));
  EXPECT_EQ(parse_duration("30 s"), seconds(30));
  EXPECT_EQ(parse_duration("1.5h"), minutes(90));
  EXPECT_EQ(parse_duration("1d"), minutes(1440));
}

TEST(ParseDurationTest, RefusesTheRest) {
  for (const char* text : {"5m", "5", "0s", "0.0000000001s", "-5min", "5 mins",
                           "99999d", "min", ""}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(FormatDurationTest, IsReadBackAsItWas) {
  EXPECT_EQ(format_duration(minutes(5)), "5min");
  EXPECT_EQ(format_duration(seconds(90)), "90s");
  EXPECT_EQ(parse_duration(format_duration(milliseconds(1234))),
            milliseconds(1234));
}

TEST(ParsePercentTest, IsAShare) {
  EXPECT_EQ(parse_percent("99%"), 0.99);
  EXPECT_NEAR(*parse_percent("98.9 %"), 0.989, 1e-15);
  EXPECT_EQ(parse_percent("0%"), 0.0);
  EXPECT_EQ(parse_percent("100%"), 1.0);
}

TEST(ParsePercentTest, AShareIsNoPercentage) {
  for (const char* text : {"0.99", "99", "101%", "-1%", "%", "99%%", "1e1%"}) {
    EXPECT_EQ(parse_percent(text), std::nullopt) << text;
  }
}

TEST(FormatPercentTest, IsReadBackAsItWas) {
  for (int tenths = 0; tenths <= 1000; ++tenths) {
    const std::string text = format_percent(tenths / 1000.0);
    ASSERT_TRUE(parse_percent(text)) << text;
    EXPECT_EQ(format_percent(*parse_percent(text)), text);
  }
  EXPECT_EQ(format_percent(0.989), "98.9%");
}

}  // namespace
}  // namespace cpi
