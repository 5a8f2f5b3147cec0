// The root configuration: strict, because a misspelt limit is no limit.
#include "actuator/config.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace cpi::actuator {
namespace {

const char* problem_of(const std::string& json) {
  static Config config;
  return parse_config(json, &config);
}

std::string with_alias(const std::string& body) {
  return R"({"callers": [1], "aliases": {"a": {)" + body + "}}}";
}

TEST(Config, DefaultsAreThoseOfTheDocument) {
  Config config{};
  ASSERT_EQ(nullptr, parse_config(with_alias(R"("cgroup": "/x")"), &config));
  EXPECT_EQ(600, config.longest_lease);
  EXPECT_EQ(7200, config.longest_throttle);
  EXPECT_EQ(3600, config.longest_freeze);
  EXPECT_EQ(600, config.freeze_gap);
  EXPECT_EQ(120, config.budget);
  EXPECT_FALSE(config.fail_closed);
  ASSERT_EQ(1U, config.rules.size);
  const Rule& rule = config.rules.items[0];
  EXPECT_EQ("x", rule.parent.view());
  EXPECT_EQ(1, rule.depth);
  EXPECT_EQ(50, rule.floor);
  EXPECT_FALSE(rule.recursive);
  EXPECT_FALSE(rule.exclusive);
}

TEST(Config, TheExampleInTheDocumentationIsValid) {
  std::ifstream file(CPI_SOURCE_DIR "/actuator/SECURITY.md");
  std::stringstream text;
  text << file.rdbuf();
  std::string page = text.str();
  std::size_t begin = page.find("```json\n");
  ASSERT_NE(std::string::npos, begin);
  begin += 8;
  std::string example = page.substr(begin, page.find("```", begin) - begin);
  EXPECT_EQ(nullptr, problem_of(example)) << problem_of(example);
}

TEST(Config, UnknownAndRepeatedKeysAreErrors) {
  EXPECT_NE(nullptr, problem_of(with_alias(R"("cgroup": "/x", "flor": 1)")));
  EXPECT_NE(nullptr, problem_of(R"({"callers": [], "aliases": {}, "x": 1})"));
  EXPECT_NE(nullptr,
            problem_of(R"({"callers": [], "callers": [1], "aliases": {}})"));
  EXPECT_NE(nullptr, problem_of(R"({"aliases": {}})"));
  EXPECT_NE(nullptr, problem_of(R"({"callers": []})"));
}

TEST(Config, CallersAreNumbersAndNotRoot) {
  for (const char* callers : {"[\"collectd\"]", "[0]", "[-1]", "[4294967295]",
                              "[1.5]", "1", "[1,2,3,4,5,6,7,8,9]"})
    EXPECT_NE(nullptr, problem_of(std::string(R"({"callers": )") + callers +
                                  R"(, "aliases": {}})"))
        << callers;
  EXPECT_EQ(nullptr, problem_of(R"({"callers": [4294967294], "aliases": {}})"));
}

TEST(Config, AParentIsAWholePathBelowTheRoot) {
  for (const char* path :
       {"", "/", "x", "//x", "/x/", "/x/..", "/../x", "/x y", "/./x", "/ä"})
    EXPECT_NE(nullptr, problem_of(with_alias(std::string(R"("cgroup": ")") +
                                             path + "\"")))
        << path;
  EXPECT_EQ(nullptr, problem_of(with_alias(R"("cgroup": "/a.slice/b-c@1")")));
}

TEST(Config, NumbersHaveTheirRanges) {
  for (const char* body :
       {R"("depth": 7)", R"("depth": -1)", R"("floor_millicores": 0)",
        R"("floor_millicores": 1.5)", R"("recursive": 1)",
        R"("exclusive": "yes")"})
    EXPECT_NE(nullptr,
              problem_of(with_alias(std::string(R"("cgroup": "/x", )") + body)))
        << body;
  for (const char* top :
       {R"("longest_lease": 0)", R"("longest_freeze": 604801)",
        R"("budget_per_hour": 257)", R"("freeze_gap": -1)",
        R"("hook": {"fail_open": true})", R"("hook": [])",
        R"("hook": {"exempt_annotation": null})",
        R"("longest_throttle": "1h")"})
    EXPECT_NE(nullptr, problem_of(std::string(R"({"callers": [], "aliases": )"
                                              "{}, ") +
                                  top + "}"))
        << top;
}

TEST(Config, WhatIsWrongIsSaidAndWhere) {
  struct Case {
    std::string json;
    const char* problem;
  };
  for (const auto& [json, problem] : {
           Case{"{\n\"callers\": [1],\n}\n", "line 3: this is not JSON"},
           Case{with_alias(R"("cgroup": "x")"), "a: \"cgroup\" is a path"},
           Case{with_alias(R"("cgroup": "/x", "depth": 9)"),
                "a: \"depth\" is a number from 0 to 6"},
           Case{with_alias(R"("cgroup": "/x", "floor": 9)"), "a: it has a key"},
           Case{R"({"callers": [1], "aliases": {"A\t": {"cgroup": "/x"}}})",
                "aliases: an alias is"},
           Case{R"({"callers": ["collectd"], "aliases": {}})", "numeric"},
           Case{R"({"callers": [1], "aliases": {}, "longest_lease": "1h"})",
                "\"longest_lease\" is a number of seconds"},
       })
    EXPECT_NE(nullptr, std::strstr(problem_of(json), problem))
        << problem_of(json);
}

TEST(Config, WhatIsNoJsonIsSaidToBeNone) {
  for (const char* text : {"", "{", "[]", "null", "{}x", "\"a\""})
    EXPECT_NE(nullptr, problem_of(text)) << text;
}

}  // namespace
}  // namespace cpi::actuator
