// argv → request, and the names a request may use.
#include "actuator/request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cpi::actuator {
namespace {

struct Parsed {
  const char* problem;
  Request request;
};

Parsed parse(const std::vector<std::string_view>& arguments) {
  Parsed parsed{};
  parsed.problem = parse_request(arguments, &parsed.request);
  return parsed;
}

bool is_request(const std::vector<std::string_view>& arguments) {
  return parse(arguments).problem == nullptr;
}

bool is_target(std::string_view text) {
  Target target{};
  return parse_target(text, &target);
}

TEST(Request, LowerCarriesTargetQuotaAndLease) {
  Parsed parsed = parse({"lower", "batch/pod-1/c0", "500", "--lease", "60"});
  ASSERT_EQ(nullptr, parsed.problem);
  EXPECT_EQ(Verb::lower, parsed.request.verb);
  EXPECT_EQ("batch", parsed.request.target.alias);
  EXPECT_EQ("pod-1/c0", parsed.request.target.child);
  EXPECT_EQ(2U, parsed.request.target.depth);
  EXPECT_EQ(500, parsed.request.millicores);
  EXPECT_EQ(60, parsed.request.seconds);
}

TEST(Request, LowerWithoutALeaseIsNoRequest) {
  EXPECT_FALSE(is_request({"lower", "batch/a", "500"}));
  EXPECT_FALSE(is_request({"lower", "batch/a", "500", "--lease"}));
}

TEST(Request, RaiseMayLeaveTheLeaseAsItIs) {
  Parsed parsed = parse({"raise", "batch/a", "500"});
  ASSERT_EQ(nullptr, parsed.problem);
  EXPECT_EQ(0, parsed.request.seconds);
  EXPECT_TRUE(is_request({"raise", "batch/a", "500", "--lease", "9"}));
}

TEST(Request, ReleaseNamesOneTargetOrAll) {
  EXPECT_TRUE(parse({"release", "--all"}).request.all);
  EXPECT_FALSE(parse({"release", "batch/a"}).request.all);
  EXPECT_FALSE(is_request({"release"}));
  EXPECT_FALSE(is_request({"release", "batch/a", "--all"}));
}

TEST(Request, FreezeNeedsALengthAndAReason) {
  Parsed parsed = parse({"freeze", "60", "--reason", "noisy-host"});
  ASSERT_EQ(nullptr, parsed.problem);
  EXPECT_EQ(60, parsed.request.seconds);
  EXPECT_EQ("noisy-host", parsed.request.reason);
  EXPECT_FALSE(is_request({"freeze", "60"}));
  EXPECT_FALSE(is_request({"freeze", "60", "--reason", "No"}));
  EXPECT_FALSE(is_request({"freeze", "60", "--reason", ""}));
}

TEST(Request, VerbsWithoutArgumentsTakeNone) {
  for (std::string_view verb : {"thaw", "restore", "status", "selftest"}) {
    EXPECT_TRUE(is_request({verb})) << verb;
    EXPECT_FALSE(is_request({verb, "x"})) << verb;
  }
  EXPECT_TRUE(parse({"restore", "--expired"}).request.expired);
}

TEST(Request, WhatIsNoVerbIsNoRequest) {
  EXPECT_FALSE(is_request({}));
  EXPECT_FALSE(is_request({""}));
  EXPECT_FALSE(is_request({"low"}));
  EXPECT_FALSE(is_request({"lowers"}));
}

TEST(Request, NumbersAreWholePositiveAndBounded) {
  for (std::string_view number :
       {"", "0", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "4096001",
        "99999999999999999999", "１"})
    EXPECT_FALSE(is_request({"lower", "batch/a", number, "--lease", "1"}))
        << number;
  EXPECT_TRUE(is_request({"lower", "batch/a", "4096000", "--lease", "604800"}));
  EXPECT_FALSE(is_request({"lower", "batch/a", "1", "--lease", "604801"}));
}

TEST(Target, HasNoComponentThatCouldLeaveItsParent) {
  for (std::string_view text :
       {"", "/", "/batch", "batch/", "batch//a", "batch/.", "batch/..",
        "batch/../x", "../batch", "batch/a/./b", "batch/a/../../b", "..", "."})
    EXPECT_FALSE(is_target(text)) << text;
  EXPECT_TRUE(is_target("batch/..."));
  EXPECT_TRUE(is_target("batch/.hidden"));
}

TEST(Target, HasOnlyCharactersThatNothingInterprets) {
  for (int c = 0; c < 256; ++c) {
    std::string text = "batch/a" + std::string(1, static_cast<char>(c)) + "b";
    bool plain = std::string_view(
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "abcdefghijklmnopqrstuvwxyz"
                     "0123456789_.:@-/")
                     .find(static_cast<char>(c)) != std::string_view::npos;
    EXPECT_EQ(plain, is_target(text)) << c;
  }
}

TEST(Target, IsBoundedInLengthAndDepth) {
  EXPECT_TRUE(is_target("b/" + std::string(253, 'x')));
  EXPECT_FALSE(is_target("b/" + std::string(254, 'x')));
  EXPECT_TRUE(is_target("b/1/2/3/4/5/6"));
  EXPECT_FALSE(is_target("b/1/2/3/4/5/6/7"));
  EXPECT_TRUE(is_target(std::string(32, 'a')));
  EXPECT_FALSE(is_target(std::string(33, 'a')));
  EXPECT_FALSE(is_target("Batch/a"));
}

}  // namespace
}  // namespace cpi::actuator
