#include "base/options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string>

namespace cpi {
namespace {

template <class Block>
std::optional<std::string> assign(Block& block, std::string_view name,
                                  const Scalar& value) {
  const auto* option = find_option<Block>(name);
  EXPECT_NE(option, nullptr) << name;
  return assign(option->field(block), option->domain, value);
}

template <class Block>
std::set<std::string> names() {
  std::set<std::string> all;
  for (const auto& option : options<Block>()) all.emplace(option.name);
  return all;
}

TEST(OptionsTest, NoNameOccursTwice) {
  EXPECT_EQ(names<Config>().size(), options<Config>().size());
  EXPECT_EQ(names<ServiceConfig>().size(), options<ServiceConfig>().size());
  EXPECT_EQ(names<BatchConfig>().size(), options<BatchConfig>().size());
}

TEST(OptionsTest, NoTwoRowsWriteTheSameMember) {
  // Two rows with one member would each undo what the other did.
  Config config;
  std::set<const void*> members;
  for (const auto& option : options<Config>()) {
    std::visit(
        [&members](auto field) {
          if constexpr (std::is_pointer_v<decltype(field)>) {
            EXPECT_TRUE(members.insert(field).second);
          }
        },
        option.field(config));
  }
  EXPECT_EQ(members.size(), options<Config>().size());
}

TEST(OptionsTest, DefaultsLieInTheirOwnDomains) {
  Config config;
  for (const auto& option : options<Config>()) {
    const Field field = option.field(config);
    Scalar value;
    std::visit(
        [&value](auto member) {
          using Member = decltype(member);
          if constexpr (std::is_same_v<Member, Duration*>) {
            value = to_seconds(*member);
          } else if constexpr (std::is_same_v<Member, std::uint64_t*>) {
            value = static_cast<double>(*member);
          } else if constexpr (std::is_pointer_v<Member>) {
            value = *member;
          }
        },
        field);
    EXPECT_EQ(assign(field, option.domain, value), std::nullopt) << option.name;
  }
  EXPECT_EQ(config, Config{});
}

TEST(OptionsTest, NamesAreFoundWhateverTheirCase) {
  EXPECT_EQ(find_option<Config>("cpus")->name, "CPUs");
  EXPECT_EQ(find_option<Config>("CPU"), nullptr);
}

TEST(AssignTest, FillsEveryKindOfMember) {
  Config config;
  EXPECT_FALSE(assign(config, "CyclesEvent", std::string("ref-cycles")));
  EXPECT_FALSE(assign(config, "ReportCPI", false));
  EXPECT_FALSE(assign(config, "MinRunningRatio", 0.25));
  EXPECT_FALSE(assign(config, "MinInstructions", 5.0));
  EXPECT_FALSE(assign(config, "CountTime", 0.3));
  EXPECT_EQ(config.counters.cycles_event, "ref-cycles");
  EXPECT_FALSE(config.report.cpi);
  EXPECT_EQ(config.sampler.min_running_ratio, 0.25);
  EXPECT_EQ(config.sampler.min_instructions, 5u);
  EXPECT_EQ(config.counters.count_time, std::chrono::milliseconds(300));
}

TEST(AssignTest, SelectorsAddUpAndKnowTheirKind) {
  ServiceConfig service;
  EXPECT_FALSE(assign(service, "Cgroup", std::string("/a/*")));
  EXPECT_FALSE(assign(service, "Cgroup", std::string("/^.b$/")));
  EXPECT_FALSE(assign(service, "Deployment", std::string("prod/web")));
  EXPECT_EQ(service.selectors,
            (std::vector<Selector>{{Selector::Kind::glob, "/a/*"},
                                   {Selector::Kind::regex, "^.b$"},
                                   {Selector::Kind::deployment, "prod/web"}}));
}

TEST(AssignTest, SpellingsAreReadBackAsTheyWere) {
  for (const char* text : {"/a/*", "/^b$/", "/"}) {
    ServiceConfig service;
    ASSERT_FALSE(assign(service, "Cgroup", std::string(text)));
    EXPECT_EQ(spelling(service.selectors.front()), text);
  }
}

TEST(AssignTest, SaysWhatWasExpected) {
  Config config;
  EXPECT_EQ(assign(config, "ReportCPI", std::string("false")),
            "true or false, without quotes");
  EXPECT_EQ(assign(config, "MinRunningRatio", 1.5), "a number from 0 to 1");
  EXPECT_EQ(assign(config, "CountTime", std::string("3")),
            "a number of seconds from 0 to 86400");
  EXPECT_EQ(assign(config, "MinInstructions", 0.5),
            "a whole number of instructions from 0 to 1000000000000000");
  EXPECT_EQ(assign(config, "CPUs", 2.0),
            "a list of CPUs such as \"0-3,8\", in quotes");
  EXPECT_EQ(assign(config, "PodLogs", std::string("pods")),
            "an absolute path (does not begin with /)");
  EXPECT_EQ(assign(config, "CyclesEvent", std::string(2000, 'a')),
            "the name of an event, as libpfm4 knows it (too long)");
  EXPECT_EQ(assign(config, "StateDir", std::string("/a\n")),
            "an absolute path or \"\" (has control characters)");
  EXPECT_EQ(config, Config{});
}

TEST(AssignTest, NothingButFiniteNumbersIsANumber) {
  Config config;
  EXPECT_TRUE(assign(config, "MinRunningRatio", std::nan("")));
  EXPECT_TRUE(
      assign(config, "CountTime", std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(assign(config, "MinInstructions", -1.0));
  EXPECT_EQ(config, Config{});
}

}  // namespace
}  // namespace cpi
