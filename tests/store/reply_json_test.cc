#include "store/reply_json.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

using std::chrono::seconds;

TEST(ReplyJsonTest, AStatusIsUnderstood) {
  const auto reply = parse_reply(
      R"({"v":1,"exit":0,"outcome":"done","verb":"status","throttles":[)"
      R"({"target":"batch/a","state":"ours","millicores":500,)"
      R"("original_millicores":null,"lease":42},)"
      R"({"target":"batch/b","state":"gone","millicores":50,)"
      R"("original_millicores":1500,"lease":-3}],)"
      R"("frozen":7,"enforced":"hook","disabled":true,"budget_left":9})");
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->throttles.size(), 2u);
  const HelperThrottle& first = reply->throttles[0];
  EXPECT_EQ(first.target, "batch/a");
  EXPECT_EQ(first.state, LiveThrottle::State::ours);
  EXPECT_EQ(first.quota, 500);
  EXPECT_EQ(first.original, 0);
  EXPECT_EQ(first.lease, seconds(42));
  EXPECT_EQ(reply->throttles[1].state, LiveThrottle::State::gone);
  EXPECT_EQ(reply->throttles[1].original, 1500);
  EXPECT_EQ(reply->throttles[1].lease, seconds(0));
  EXPECT_EQ(reply->frozen, seconds(7));
  EXPECT_EQ(reply->enforced, "hook");
  EXPECT_TRUE(reply->disabled);
  EXPECT_EQ(reply->budget_left, 9);
}

TEST(ReplyJsonTest, WhatIsInForceIsAbsentWhereNothingIs) {
  EXPECT_EQ(parse_reply(R"({"v":1,"exit":0,"millicores":500})")->quota, 500);
  EXPECT_EQ(parse_reply(R"({"v":1,"exit":0})")->quota, std::nullopt);
}

TEST(ReplyJsonTest, NonsenseIsAnError) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"v":2})", R"({"v":1,"throttles":[7]})",
        R"({"v":1,"throttles":[{"target":"a","state":"odd","millicores":1}]})",
        R"({"v":1,"throttles":[{"target":"a","state":"ours"}]})"}) {
    EXPECT_FALSE(parse_reply(text)) << text;
  }
}

TEST(AllowlistTest, NamesParentsAndDepths) {
  const auto aliases = parse_allowlist(
      R"({"callers": [998], "aliases": {
            "batch": {"cgroup": "/batch.slice", "depth": 2, "floor": 1},
            "one": {"cgroup": "/one"}}, "budget_per_hour": 3})");
  ASSERT_TRUE(aliases);
  EXPECT_EQ(*aliases, (std::vector<Alias>{{"batch", "/batch.slice", 2},
                                          {"one", "/one", 1}}));
}

TEST(AllowlistTest, ABadAliasIsAnErrorThatNamesIt) {
  for (const char* rule :
       {"7", "{}", R"({"cgroup": 7})", R"({"cgroup": "/a", "depth": 7})",
        R"({"cgroup": "/a", "depth": -1})"}) {
    const auto aliases =
        parse_allowlist(std::string(R"({"aliases": {"bad": )") + rule + "}}");
    ASSERT_FALSE(aliases) << rule;
    EXPECT_NE(aliases.error().what.find("bad"), std::string::npos);
  }
  EXPECT_FALSE(parse_allowlist("{"));
}

}  // namespace
}  // namespace cpi
