#include "collectd/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "support/config_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

void merge(std::vector<TreeItem> items, ParsedConfig& parsed) {
  const ConfigTree tree({"Plugin", {"cpi"}, std::move(items)});
  merge_config(tree.root(), parsed);
}

ParsedConfig parse(std::vector<TreeItem> items) {
  ParsedConfig parsed;
  merge(std::move(items), parsed);
  return parsed;
}

TEST(MergeConfigTest, AnEmptyBlockMeansTheDefaults) {
  const ParsedConfig parsed = parse({});
  EXPECT_EQ(parsed.config, Config{});
  EXPECT_THAT(parsed.global_errors, IsEmpty());
  EXPECT_THAT(parsed.skipped_blocks, IsEmpty());
}

TEST(MergeConfigTest, ReadsGlobalOptions) {
  const ParsedConfig parsed = parse({{"CyclesEvent", {"ref-cycles"}},
                                     {"CountTime", {3}},
                                     {"minrunningratio", {0.25}},
                                     {"ReportCPI", {false}}});
  EXPECT_THAT(parsed.global_errors, IsEmpty());
  EXPECT_EQ(parsed.config.counters.cycles_event, "ref-cycles");
  EXPECT_EQ(parsed.config.counters.count_time, std::chrono::seconds(3));
  EXPECT_EQ(parsed.config.sampler.min_running_ratio, 0.25);
  EXPECT_FALSE(parsed.config.report.cpi);
}

TEST(MergeConfigTest, ReadsServiceAndBatchBlocks) {
  const ParsedConfig parsed = parse(
      {{"Service",
        {"web"},
        {{"Cgroup", {"/a*"}}, {"Cgroup", {"/^b$/"}}, {"Deployment", {"n/d"}}}},
       {"Batch", {"train"}, {{"Cgroup", {"/t"}}, {"Count", {true}}}}});
  EXPECT_THAT(parsed.skipped_blocks, IsEmpty());
  EXPECT_EQ(
      parsed.config.services,
      (std::vector<ServiceConfig>{{"web",
                                   {{Selector::Kind::glob, "/a*"},
                                    {Selector::Kind::regex, "^b$"},
                                    {Selector::Kind::deployment, "n/d"}}}}));
  EXPECT_EQ(parsed.config.batch,
            (std::vector<BatchConfig>{
                {"train", {{Selector::Kind::glob, "/t"}}, true}}));
}

TEST(MergeConfigTest, LaterPluginBlocksAddAndOverride) {
  ParsedConfig parsed = parse({{"CountTime", {3}},
                               {"CPUs", {"0-3"}},
                               {"Service", {"a"}, {{"Cgroup", {"/a"}}}}});
  merge({{"CountTime", {4}}, {"Service", {"b"}, {{"Cgroup", {"/b"}}}}}, parsed);
  EXPECT_EQ(parsed.config.counters.count_time, std::chrono::seconds(4));
  EXPECT_EQ(parsed.config.counters.cpus, "0-3");
  EXPECT_EQ(parsed.config.services.size(), 2u);
}

struct BadGlobal {
  TreeItem item;
  std::string error;

  friend std::ostream& operator<<(std::ostream& out, const BadGlobal& bad) {
    return out << bad.error;
  }
};

class BadGlobalTest : public testing::TestWithParam<BadGlobal> {};

TEST_P(BadGlobalTest, IsAnErrorThatNamesOptionValueAndExpectation) {
  const ParsedConfig parsed = parse({GetParam().item});
  EXPECT_THAT(parsed.global_errors, ElementsAre(GetParam().error));
  EXPECT_THAT(parsed.skipped_blocks, IsEmpty());
  EXPECT_EQ(parsed.config, Config{});
}

INSTANTIATE_TEST_SUITE_P(
    EveryWay, BadGlobalTest,
    testing::Values(
        BadGlobal{{"MinRunningRatio", {1.5}},
                  "MinRunningRatio 1.5: expected a number from 0 to 1"},
        BadGlobal{{"MinRunningRatio", {"0.5"}},
                  "MinRunningRatio \"0.5\": expected a number from 0 to 1"},
        BadGlobal{{"MinRunningRatio", {true}},
                  "MinRunningRatio true: expected a number from 0 to 1"},
        BadGlobal{{"MinRunningRatio", {}},
                  "MinRunningRatio: expected one value"},
        BadGlobal{{"MinRunningRatio", {0.1, 0.2}},
                  "MinRunningRatio 0.1 0.2: expected one value"},
        BadGlobal{{"CPUs", {"0"}, {{"x", {}}}}, "CPUs: expected one value"},
        BadGlobal{{"CPUs", {4}},
                  "CPUs 4: expected a list of CPUs such as \"0-3,8\", in "
                  "quotes"},
        BadGlobal{{"ReportCPI", {"yes"}},
                  "ReportCPI \"yes\": expected true or false, without quotes"},
        BadGlobal{{"CycleEvent", {"cycles"}},
                  "CycleEvent: unknown option, the nearest is CyclesEvent"},
        BadGlobal{{"Servise", {"web"}},
                  "Servise: unknown option, the nearest is Service"},
        BadGlobal{{"a\nb", {}}, "a?b: unknown option, the nearest is Act"}));

struct BadBlock {
  TreeItem item;
  std::string error;

  friend std::ostream& operator<<(std::ostream& out, const BadBlock& bad) {
    return out << bad.error;
  }
};

class BadBlockTest : public testing::TestWithParam<BadBlock> {};

TEST_P(BadBlockTest, IsSkippedAndTheOthersStand) {
  const ParsedConfig parsed =
      parse({{"Service", {"first"}, {{"Cgroup", {"/a"}}}},
             GetParam().item,
             {"Service", {"last"}, {{"Cgroup", {"/b"}}}}});
  EXPECT_THAT(parsed.skipped_blocks, ElementsAre(GetParam().error));
  EXPECT_THAT(parsed.global_errors, IsEmpty());
  ASSERT_EQ(parsed.config.services.size(), 2u);
  EXPECT_EQ(parsed.config.services[1].name, "last");
  EXPECT_THAT(parsed.config.batch, IsEmpty());
}

const TreeItem kGood{"Cgroup", {"/x"}};

INSTANTIATE_TEST_SUITE_P(
    EveryWay, BadBlockTest,
    testing::Values(
        BadBlock{{"Service", {"web"}, {{"Cgroup", {"/a["}}}},
                 "<Service \"web\"> skipped: Cgroup \"/a[\": expected a glob "
                 "such as \"/system.slice/nginx*\" or a \"/regex/\" ([ is "
                 "never closed)"},
        BadBlock{{"Service", {"web"}, {{"Deployment", {"web"}}}},
                 "<Service \"web\"> skipped: deployment \"web\"; write "
                 "NAMESPACE/NAME, "
                 "both in lower case"},
        BadBlock{{"Service", {"web"}, {{"Cgroup", {"/[z-a]/"}}}},
                 "<Service \"web\"> skipped: cgroup expression /[z-a]/: "
                 "invalid character class range: z-a; write an expression of "
                 "RE2, without look-ahead and back-references"},
        BadBlock{{"Batch", {"train"}, {kGood, {"Count", {1}}}},
                 "<Batch \"train\"> skipped: Count 1: expected true or false, "
                 "without quotes"},
        BadBlock{{"Service", {"web"}, {kGood, {"Count", {true}}}},
                 "<Service \"web\"> skipped: Count: unknown option, the "
                 "nearest is CPU"},
        BadBlock{{"Service", {"web"}, {{"Group", {"/a"}}, {"Cgroup", {3}}}},
                 "<Service \"web\"> skipped: Group: unknown option, the "
                 "nearest is Cgroup; Cgroup 3: expected a glob such as "
                 "\"/system.slice/nginx*\" or a \"/regex/\", in quotes"},
        BadBlock{{"Service", {"web"}},
                 "<Service \"web\"> skipped: expected at least one Cgroup or "
                 "Deployment"},
        BadBlock{{"Service", {}, {kGood}},
                 "<Service \"\"> skipped: expected one name in quotes"},
        BadBlock{{"Service", {7}, {kGood}},
                 "<Service \"\"> skipped: expected one name in quotes"},
        BadBlock{{"Service", {"a/b"}, {kGood}},
                 "<Service \"a/b\"> skipped: name \"a/b\": expected letters, "
                 "digits, '_', '.' and '-', a letter or digit first (has other "
                 "characters)"},
        BadBlock{{"Service", {"first"}, {kGood}},
                 "<Service \"first\"> skipped: expected a name that no earlier "
                 "block has"},
        BadBlock{{"Servise", {"web"}, {kGood}},
                 "<Servise> skipped: unknown block, expected Service or "
                 "Batch"}));

TEST(MergeConfigTest, AServiceAndABatchBlockMayShareAName) {
  const ParsedConfig parsed =
      parse({{"Service", {"a"}, {kGood}}, {"Batch", {"a"}, {kGood}}});
  EXPECT_THAT(parsed.skipped_blocks, IsEmpty());
}

TEST(MergeConfigTest, ASkippedBlockLeavesItsNameToTheNext) {
  const ParsedConfig parsed =
      parse({{"Service", {"a"}}, {"Service", {"a"}, {kGood}}});
  EXPECT_EQ(parsed.skipped_blocks.size(), 1u);
  EXPECT_EQ(parsed.config.services.size(), 1u);
}

TEST(MergeConfigTest, EveryErrorIsSaidInLinesThatFitCollectdsLimit) {
  std::vector<TreeItem> wrong;
  for (int i = 0; i < 40; ++i) {
    wrong.push_back({"Cgroup", {std::to_string(i) + std::string(500, 'x')}});
  }
  const ParsedConfig parsed = parse({{"Service", {"web"}, wrong}});
  ASSERT_EQ(parsed.skipped_blocks.size(), 1u);
  std::string all = parsed.skipped_blocks.front();
  EXPECT_LT(all.size(), 1000u);
  for (const std::string& line : parsed.continuations) {
    EXPECT_LT(line.size(), 1000u);
    EXPECT_THAT(line, StartsWith("<Service \"web\"> skipped: also Cgroup"));
    all += line;
  }
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(all, HasSubstr("Cgroup \"" + std::to_string(i) + "x"));
  }
}

TEST(MergeConfigTest, ADeclarationIsReadWithItsUnits) {
  const ParsedConfig parsed = parse({{"Service",
                                      {"like-core"},
                                      {kGood,
                                       {"Business", {"推荐"}},
                                       {"CPU", {32}},
                                       {"Memory", {"80GB"}},
                                       {"GPUUtilization", {"70%"}},
                                       {"Owner", {"zhang@example.com"}},
                                       {"Owner", {"li@example.com"}},
                                       {"RestartThreshold", {2, "5min"}},
                                       {"Region", {"HK", 3}},
                                       {"Region", {"EU", 2}},
                                       {"Field", {"SLA", "99.9%"}},
                                       {"MinRequests", {50}}}}});
  ASSERT_THAT(parsed.skipped_blocks, IsEmpty());
  const Declaration& declared = parsed.config.services.front().declaration;
  EXPECT_EQ(declared.business, "推荐");
  EXPECT_EQ(declared.cpu, 32);
  EXPECT_EQ(declared.memory, 80'000'000'000u);
  EXPECT_EQ(declared.gpu_utilization, 0.7);
  EXPECT_THAT(declared.owners,
              ElementsAre("zhang@example.com", "li@example.com"));
  EXPECT_EQ(declared.restarts, (RestartThreshold{2, std::chrono::minutes(5)}));
  EXPECT_THAT(declared.regions, ElementsAre(Region{"HK", 3}, Region{"EU", 2}));
  EXPECT_THAT(declared.fields, ElementsAre(ExtraField{"SLA", "99.9%"}));
  EXPECT_EQ(declared.min_requests, 50u);
}

TEST(MergeConfigTest, EveryMistakeOfADeclarationIsNamedAtOnce) {
  const ParsedConfig parsed = parse({{"Service",
                                      {"web"},
                                      {kGood,
                                       {"Memory", {"80G"}},
                                       {"CPU", {"32"}},
                                       {"SuccessRateThreshold", {0.99}},
                                       {"RestartThreshold", {2}},
                                       {"Machines", {40}},
                                       {"Machines", {41}},
                                       {"Ownr", {"zhang"}}}}});
  ASSERT_THAT(parsed.skipped_blocks, SizeIs(1));
  EXPECT_EQ(
      parsed.skipped_blocks.front(),
      "<Service \"web\"> skipped: Memory \"80G\": expected an amount of "
      "memory such as \"80GB\" (10^9) or \"80GiB\" (2^30); CPU \"32\": "
      "expected one number above 0, without quotes; SuccessRateThreshold 0.99: "
      "expected a percentage in quotes such as \"99.5%\"; RestartThreshold 2: "
      "expected a number of restarts and a time: 2 \"5min\"; Machines 41: "
      "expected to be given only once; Ownr: unknown option, the nearest is "
      "Owner");
}

TEST(MergeConfigTest, SurvivesATreeNoParserMakes) {
  oconfig_item_t broken{};
  broken.children_num = 3;  // none there
  ParsedConfig parsed;
  merge_config(broken, parsed);
  EXPECT_EQ(parsed.config, Config{});
}

// Ten thousand malformed trees. What they say does not matter; that each
// leaves a configuration behind with which the plugin could run does.
TEST(MergeConfigTest, SurvivesRandomTrees) {
  std::mt19937 random(20261121);
  std::size_t skipped = 0;
  std::size_t accepted = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::vector<std::uint8_t> bytes(random() % 400);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const ConfigTree tree = ConfigTree::from_bytes(bytes);
    ParsedConfig parsed;
    merge_config(tree.root(), parsed);
    skipped += parsed.skipped_blocks.size();
    for (const auto& service : parsed.config.services) {
      ASSERT_FALSE(service.selectors.empty());
      ++accepted;
    }
    for (const auto& message : parsed.skipped_blocks) {
      ASSERT_LT(message.size(), 1000u);
      ASSERT_EQ(message.find('\n'), std::string::npos);
    }
  }
  // The trees are good enough to get past the first check.
  EXPECT_GT(skipped, 1000u);
  EXPECT_GT(accepted, 10u);
}

}  // namespace
}  // namespace cpi
