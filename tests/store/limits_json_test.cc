#include "store/limits_json.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

LimitsFile example() {
  LimitsState state;
  state.crossed = {Limit::oom, Limit::traffic};
  state.units["/pod"] = {
      {{{7, hours(1) + Duration(10'000'000)}, true}}, 2, hours(2)};
  state.kills["/pod"] = {1234, 5};
  state.restarts = {seconds(10), seconds(20)};
  state.traffic = {12.5, hours(490'000)};
  return {"boot", {{"web", state}}};
}

TEST(LimitsJsonTest, EverythingSurvivesTheRoundTrip) {
  const auto file = limits_from_json(limits_to_json(example()));
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->boot_id, "boot");
  const LimitsState& state = file->services.at("web");
  const LimitsState wanted = example().services.at("web");
  EXPECT_EQ(state.crossed, wanted.crossed);
  EXPECT_EQ(state.units, wanted.units);
  EXPECT_EQ(state.units.at("/pod").seen, hours(2));
  EXPECT_EQ(state.kills, wanted.kills);
  EXPECT_EQ(state.restarts, wanted.restarts);
  EXPECT_EQ(state.traffic.usual, 12.5);
  EXPECT_EQ(state.traffic.gone_since, hours(490'000));
}

TEST(LimitsJsonTest, WhatIsNoStateIsRefusedOrLeftOut) {
  EXPECT_FALSE(limits_from_json(""));
  EXPECT_FALSE(limits_from_json("[]"));
  EXPECT_TRUE(limits_from_json("{}")->services.empty());
  for (const char* text :
       {R"({"services": 7})", R"({"services": {"a": 7}})",
        R"({"services": {"a": {"crossed": ["x", 7], "units": {"u": 3},
            "kills": {"u": {"count": -1, "cgroup": 1e300}},
            "restarts_s": ["x", -1, 1e300], "usual_traffic": -5}}})",
        R"({"services": {"a": {"units": {"u": {"vacancies": 1e30,
            "seen_s": 1e300, "mains": [{"pid": 1e30}, {"pid": 1,
            "started_ns": 1.5}]}}}}})"}) {
    const auto file = limits_from_json(text);
    ASSERT_TRUE(file) << text;
    if (file->services.empty()) continue;
    const LimitsState& state = file->services.at("a");
    EXPECT_TRUE(state.crossed.empty());
    EXPECT_EQ(state.traffic.usual, 0);
  }
}

}  // namespace
}  // namespace cpi
