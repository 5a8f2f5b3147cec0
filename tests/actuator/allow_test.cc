// Request × configuration → yes or no, against a second, slow opinion.
#include "actuator/allow.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace cpi::actuator {
namespace {

constexpr const char* kConfig = R"({
  "callers": [100, 200],
  "aliases": {
    "batch": {"cgroup": "/batch.slice", "depth": 2, "floor_millicores": 100},
    "one": {"cgroup": "/system.slice/hadoop.service", "depth": 0},
    "deep": {"cgroup": "/kubepods/besteffort", "depth": 6,
             "floor_millicores": 1}},
  "longest_lease": 600, "longest_freeze": 3600})";

Config config() {
  Config parsed{};
  EXPECT_EQ(nullptr, parse_config(kConfig, &parsed));
  return parsed;
}

Request request_of(const std::vector<std::string_view>& arguments) {
  Request request{};
  EXPECT_EQ(nullptr, parse_request(arguments, &request));
  return request;
}

Verdict ask(const std::vector<std::string_view>& arguments, uid_t caller = 100,
            bool disabled = false) {
  static Config parsed;
  parsed = config();
  return allow(request_of(arguments), caller, parsed, disabled);
}

TEST(Allow, AListedCallerMayLowerWithinEveryLimit) {
  Verdict verdict = ask({"lower", "batch/a", "100", "--lease", "600"});
  EXPECT_EQ(Exit::done, verdict.exit);
  ASSERT_NE(nullptr, verdict.rule);
  EXPECT_EQ("batch.slice", verdict.rule->parent.view());
}

TEST(Allow, AnUnlistedCallerMayNotEvenLook) {
  EXPECT_EQ(Exit::refused, ask({"status"}, 101).exit);
  EXPECT_STREQ("callers", ask({"status"}, 101).key);
  EXPECT_EQ(Exit::done, ask({"status"}, 0).exit);
}

TEST(Allow, RootIsBoundByTheSameLimits) {
  EXPECT_EQ(Exit::refused,
            ask({"lower", "batch/a", "99", "--lease", "600"}, 0).exit);
}

TEST(Allow, EachLimitNamesItsKey) {
  EXPECT_STREQ("aliases", ask({"lower", "x/a", "500", "--lease", "1"}).key);
  EXPECT_STREQ("aliases.ALIAS.depth",
               ask({"lower", "batch/a/b/c", "500", "--lease", "1"}).key);
  EXPECT_STREQ("aliases.ALIAS.floor_millicores",
               ask({"lower", "batch/a", "99", "--lease", "1"}).key);
  EXPECT_STREQ("longest_lease",
               ask({"lower", "batch/a", "500", "--lease", "601"}).key);
  EXPECT_STREQ("longest_freeze", ask({"freeze", "3601", "--reason", "x"}).key);
}

TEST(Allow, TheParentIsATargetOnlyWithDepthZero) {
  EXPECT_EQ(Exit::refused, ask({"release", "batch"}).exit);
  EXPECT_EQ(Exit::done, ask({"release", "one"}).exit);
  EXPECT_EQ(Exit::refused, ask({"release", "one/a"}).exit);
}

TEST(Allow, TheKillSwitchStopsOnlyWhatTakes) {
  EXPECT_EQ(Exit::disabled,
            ask({"lower", "batch/a", "500", "--lease", "1"}, 100, true).exit);
  EXPECT_EQ(Exit::disabled,
            ask({"freeze", "1", "--reason", "x"}, 100, true).exit);
  EXPECT_EQ(Exit::done, ask({"raise", "batch/a", "500"}, 100, true).exit);
  EXPECT_EQ(Exit::done, ask({"release", "--all"}, 100, true).exit);
  EXPECT_EQ(Exit::done, ask({"thaw"}, 100, true).exit);
  EXPECT_EQ(Exit::done, ask({"restore"}, 100, true).exit);
}

TEST(Allow, AWholePathThatIsTooLongIsRefused) {
  Config parsed{};
  std::string json = R"({"callers": [1], "aliases": {"b": {"cgroup": "/)" +
                     std::string(200, 'p') + R"("}}})";
  ASSERT_EQ(nullptr, parse_config(json, &parsed));
  std::string target = "b/" + std::string(60, 'c');
  EXPECT_EQ(Exit::refused,
            allow(request_of({"release", target}), 1, parsed, false).exit);
}

// The second opinion: the rules of SECURITY.md one by one, from the words of
// the command line, with none of the helper's code.
struct Slow {
  std::string alias;
  std::size_t parent_bytes, depth;
  long floor;
};
const Slow kSlow[] = {
    {"batch", 11, 2, 100}, {"one", 28, 0, 50}, {"deep", 19, 6, 1}};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, '/');)
    parts.push_back(part);
  return parts;
}

bool slow_target(const std::string& text, long millicores) {
  std::vector<std::string> parts = split(text);
  for (const Slow& rule : kSlow) {
    if (rule.alias != parts[0]) continue;
    std::size_t below = parts.size() - 1;
    bool depth =
        rule.depth == 0 ? below == 0 : below >= 1 && below <= rule.depth;
    return depth && rule.parent_bytes + text.size() <= 255 &&
           (millicores == 0 || millicores >= rule.floor);
  }
  return false;
}

int slow_allow(const std::vector<std::string>& words, uid_t caller,
               bool disabled) {
  if (caller != 0 && caller != 100 && caller != 200) return 77;
  const std::string& verb = words[0];
  if (disabled && (verb == "lower" || verb == "freeze")) return 79;
  bool good = true;
  if (verb == "lower" || verb == "raise") {
    long lease = words.size() > 4 ? std::stol(words[4]) : 0;
    good = slow_target(words[1], std::stol(words[2])) && lease <= 600;
  } else if (verb == "release" && words[1] != "--all") {
    good = slow_target(words[1], 0);
  } else if (verb == "freeze") {
    good = std::stol(words[1]) <= 3600;
  }
  return good ? 0 : 77;
}

class Random {
 public:
  std::size_t below(std::size_t count) { return engine_() % count; }
  std::string pick(const std::vector<std::string>& from) {
    return from[below(from.size())];
  }
  std::string target() {
    std::string text = pick({"batch", "one", "deep", "none", "batc", "batchh"});
    for (std::size_t depth = below(7); depth > 0; --depth)
      text += "/" + pick({"a", "pod-1", "c.0:1@x", "...", "Z_9",
                          std::string(1 + below(60), 'x')});
    return text;
  }
  std::string near(long value) {
    return std::to_string(std::max(1L, value - 2 + long(below(5))));
  }
  std::vector<std::string> words() {
    std::string floor = near(pick({"1", "50", "100", "4000"}) == "1" ? 1 : 100);
    switch (below(8)) {
      case 0:
      case 1:
        return {"lower", target(), floor, "--lease", near(600)};
      case 2:
        return {"raise", target(), floor};
      case 3:
        return {"raise", target(), near(50), "--lease", near(600)};
      case 4:
        return {"release", target()};
      case 5:
        return {"release", "--all"};
      case 6:
        return {"freeze", near(3600), "--reason", "x"};
      default:
        return {pick({"thaw", "restore", "status", "selftest"})};
    }
  }

 private:
  std::mt19937_64 engine_{20261121};
};

TEST(Allow, AgreesWithTheSlowOpinionOnAMillionRequests) {
  const Config parsed = config();
  Random random;
  int allowed = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    std::vector<std::string> words = random.words();
    std::vector<std::string_view> views(words.begin(), words.end());
    Request request{};
    if (parse_request(views, &request) != nullptr) continue;  // too long
    const uid_t callers[] = {0, 100, 200, 101, 65534};
    uid_t caller = callers[random.below(5)];
    bool disabled = random.below(4) == 0;
    int exit = static_cast<int>(allow(request, caller, parsed, disabled).exit);
    allowed += exit == 0 ? 1 : 0;
    ASSERT_EQ(slow_allow(words, caller, disabled), exit)
        << words[0] << " " << (words.size() > 1 ? words[1] : "") << " "
        << (words.size() > 2 ? words[2] : "") << " as " << caller;
  }
  std::printf("allowed %d of 1000000\n", allowed);
  EXPECT_GT(allowed, 100'000);
}

}  // namespace
}  // namespace cpi::actuator
