#include "collectd/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "collectd/identifier.h"
#include "collectd/samples.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Selector kAny{Selector::Kind::glob, "/**"};

Config config_with(ReportConfig report = {}) {
  Config config;
  config.report = report;
  config.services = {{"web", {kAny}}, {"db", {kAny}}};
  config.batch = {{"train", {kAny}, false}};
  return config;
}

// Identifier → number, and the same → cgroup in the metadata.
struct Published {
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> cgroups;
};

Published publish(Report& report, const Samples& samples,
                  const HostStatus& host = {}) {
  const Readings readings;
  const Tick tick{kEnd, &readings, &samples};
  Published published;
  for (const Value& value : report.values(tick, host)) {
    const std::string id = std::string(value.instance) + "/" +
                           std::string(value.type) + "-" +
                           std::string(value.type_instance);
    const double number =
        std::visit([](auto n) { return static_cast<double>(n); }, value.number);
    EXPECT_TRUE(published.numbers.emplace(id, number).second) << id;
    EXPECT_EQ(value.type == "perf",
              std::holds_alternative<std::int64_t>(value.number))
        << id;
    if (!value.cgroup.empty()) published.cgroups[id] = value.cgroup;
  }
  return published;
}

Published publish(const Samples& samples, ReportConfig wanted = {}) {
  Report report(config_with(wanted));
  return publish(report, samples);
}

// Only cpi-host is left out.
constexpr ReportConfig kNoHost{.host = false};

TEST(ReportTest, AServicePublishesWhatTheDesignLists) {
  const Published published =
      publish({{sample_of("web", "/a")}, {}, {}}, kNoHost);
  EXPECT_THAT(published.numbers,
              ElementsAre(Pair("service_web/gauge-cpi", 2.0),
                          Pair("service_web/gauge-cpu_wait", 0.1),
                          Pair("service_web/gauge-effective_ghz", 2.0),
                          Pair("service_web/gauge-ns_per_instruction", 1.0),
                          Pair("service_web/gauge-running_ratio", 1.0),
                          Pair("service_web/gauge-throttled", 0.05),
                          Pair("service_web/percent-cpu_usage", 25.0),
                          Pair("service_web/perf-cycles", 2e10),
                          Pair("service_web/perf-instructions", 1e10)));
}

// What a tick knows of the loop.
struct Loop {
  std::vector<Suspect> suspects;
  PolicyState policy;
};

Published publish_loop(const Samples& samples, const Loop& loop, bool act) {
  Config config = config_with();
  config.policy.act = act;
  Report report(config);
  const Readings readings;
  Tick tick{kEnd, &readings, &samples};
  tick.suspects = &loop.suspects;
  tick.policy = &loop.policy;
  Published published;
  for (const Value& value : report.values(tick, {})) {
    published.numbers[std::string(value.instance) + "/" +
                      std::string(value.type_instance)] =
        std::visit([](auto n) { return static_cast<double>(n); }, value.number);
  }
  return published;
}

Loop one_throttle(const Sample& sample) {
  Loop loop;
  Suspect suspect;
  suspect.workload = "train";
  suspect.correlation = 0.5;
  loop.suspects = {suspect, suspect};
  loop.suspects[1].correlation = 0.25;
  Throttle throttle;
  throttle.cgroup = sample.cgroup;
  throttle.quota = 750;
  loop.policy.throttles = {throttle};
  loop.policy.frozen_until = kEnd + std::chrono::seconds(1);
  return loop;
}

TEST(ReportTest, AThrottleIsPublishedOfItsContainerAndItsBlock) {
  const Sample held = sample_of("train", "/t/a");
  const Samples samples{{}, {held, sample_of("train", "/t/b")}, {}};
  const auto numbers = publish_loop(samples, one_throttle(held), true).numbers;
  const std::string container = "batch_train@" + short_id("/t/a");
  EXPECT_EQ(numbers.at("batch_train/quota_cores"), 0.75);
  EXPECT_EQ(numbers.at(container + "/quota_cores"), 0.75);
  EXPECT_EQ(numbers.at(container + "/cpu_usage"), 25);
  EXPECT_EQ(numbers.at("batch_train/suspicion"), 0.5);
  EXPECT_EQ(numbers.at("host/frozen"), 1);
}

TEST(ReportTest, WithoutThrottlesAndSuspectsNothingIsSaidOfThem) {
  const Samples samples{{}, {sample_of("train", "/t/a")}, {}};
  const auto numbers = publish_loop(samples, {}, true).numbers;
  EXPECT_EQ(numbers.count("batch_train/quota_cores"), 0u);
  EXPECT_EQ(numbers.count("batch_train/suspicion"), 0u);
  EXPECT_EQ(numbers.count("batch_train@" + short_id("/t/a") + "/cpu_usage"),
            0u);
  EXPECT_EQ(numbers.at("host/frozen"), 0);
}

TEST(ReportTest, InADryRunNothingIsInForce) {
  const Sample held = sample_of("train", "/t/a");
  const Samples samples{{}, {held}, {}};
  const auto numbers = publish_loop(samples, one_throttle(held), false).numbers;
  EXPECT_EQ(numbers.count("batch_train/quota_cores"), 0u);
  EXPECT_EQ(numbers.count("host/frozen"), 0u);
  EXPECT_EQ(numbers.at("batch_train/suspicion"), 0.5);
}

TEST(ReportTest, WhatWasNotMeasuredIsLeftOut) {
  Sample sample = withheld(sample_of("web", "/a"), Withheld::not_counted);
  sample.running_ratio.reset();
  sample.cpu_wait.reset();
  sample.throttled.reset();
  EXPECT_THAT(publish({{sample}, {}, {}}, kNoHost).numbers,
              ElementsAre(Pair("service_web/percent-cpu_usage", 25.0)));
}

TEST(ReportTest, AServiceWithoutSamplesPublishesNothing) {
  EXPECT_THAT(publish({}, kNoHost).numbers, IsEmpty());
}

TEST(ReportTest, BatchPublishesTheUsageOfItsBlock) {
  const Sample a = withheld(sample_of("train", "/t/a"), Withheld::not_counted);
  const Sample b = withheld(sample_of("train", "/t/b"), Withheld::not_counted);
  Samples samples{{}, {a, b}, {}};
  for (Sample& sample : samples.batch) sample.running_ratio.reset();
  EXPECT_THAT(publish(samples, kNoHost).numbers,
              ElementsAre(Pair("batch_train/percent-cpu_usage", 50.0)));
}

TEST(ReportTest, CountedBatchPublishesItsCpiToo) {
  const Published published =
      publish({{}, {sample_of("train", "/t")}, {}}, kNoHost);
  EXPECT_EQ(published.numbers.at("batch_train/gauge-cpi"), 2.0);
  EXPECT_EQ(published.numbers.count("batch_train/gauge-cpu_wait"), 0u);
}

TEST(ReportTest, TheHostPublishesItsStatus) {
  Report report(config_with());
  HostStatus host{.config_errors = 2,
                  .read_time = std::chrono::milliseconds(3)};
  EXPECT_THAT(publish(report, {}, host).numbers,
              ElementsAre(Pair("host/gauge-config_errors", 2.0),
                          Pair("host/gauge-read_seconds", 0.003)));
  host.file_descriptors = 12;
  EXPECT_EQ(publish(report, {}, host).numbers.at("host/gauge-file_descriptors"),
            12.0);
}

TEST(ReportTest, UsageNeverExceedsWhatItsTypeAllows) {
  Sample sample = sample_of("web", "/a");
  sample.cpu_usage = 1.002;
  EXPECT_EQ(
      publish({{sample}, {}, {}}).numbers.at("service_web/percent-cpu_usage"),
      100.0);
}

struct Switch {
  bool ReportConfig::*member;
  std::string pattern;
};

class SwitchTest : public testing::TestWithParam<Switch> {};

TEST_P(SwitchTest, TurnsItsValuesOffAndNoOthers) {
  Samples samples{{sample_of("web", "/a")}, {sample_of("train", "/t")}, {}};
  const Published all = publish(samples);
  ReportConfig wanted;
  wanted.*GetParam().member = false;
  const Published rest = publish(samples, wanted);
  for (const auto& [id, number] : all.numbers) {
    const bool is_meant = id.find(GetParam().pattern) != std::string::npos;
    EXPECT_EQ(rest.numbers.count(id), is_meant ? 0u : 1u) << id;
  }
  EXPECT_LT(rest.numbers.size(), all.numbers.size());
}

INSTANTIATE_TEST_SUITE_P(
    EveryOne, SwitchTest,
    testing::Values(Switch{&ReportConfig::cpi, "gauge-cpi"},
                    Switch{&ReportConfig::ns_per_instruction,
                           "gauge-ns_per_instruction"},
                    Switch{&ReportConfig::effective_ghz, "gauge-effective_ghz"},
                    Switch{&ReportConfig::cpu_usage, "percent-cpu_usage"},
                    Switch{&ReportConfig::cpu_wait, "gauge-cpu_wait"},
                    Switch{&ReportConfig::throttled, "gauge-throttled"},
                    Switch{&ReportConfig::running_ratio, "gauge-running_ratio"},
                    Switch{&ReportConfig::counts, "perf-"},
                    Switch{&ReportConfig::batch, "batch_"},
                    Switch{&ReportConfig::host, "host/"}),
    [](const auto& tested) {
      std::string name = tested.param.pattern;
      std::erase_if(name, [](char c) { return !std::isalnum(c); });
      return name;
    });

TEST(ReportTest, ASecondReplicaChangesNoNameAndNoMeaning) {
  const Samples one{{sample_of("web", "/a")}, {}, {}};
  const Samples two{
      {later(sample_of("web", "/a")), later(sample_of("web", "/b"))}, {}, {}};
  Report report(config_with(kNoHost));
  const Published before = publish(report, one);
  const Published after = publish(report, two);
  ASSERT_EQ(before.numbers.size(), after.numbers.size());
  for (const auto& [id, number] : before.numbers) {
    EXPECT_EQ(after.numbers.count(id), 1u) << id;
  }
  EXPECT_EQ(after.numbers.at("service_web/percent-cpu_usage"), 50.0);
  EXPECT_EQ(after.numbers.at("service_web/gauge-cpi"), 2.0);
}

TEST(ReportTest, TheCgroupIsNamedWhereThereIsOne) {
  Report report(config_with());
  EXPECT_EQ(publish(report, {{sample_of("web", "/a")}, {}, {}})
                .cgroups.at("service_web/gauge-cpi"),
            "/a");
  EXPECT_THAT(publish(report, {{later(sample_of("web", "/a")),
                                later(sample_of("web", "/b"))},
                               {},
                               {}})
                  .cgroups,
              IsEmpty());
}

TEST(ReportTest, ReplicasHaveSeriesOfTheirOwnOnDemand) {
  const Samples samples{
      {sample_of("web", "/a"), sample_of("web", "/b")}, {}, {}};
  ReportConfig wanted = kNoHost;
  wanted.replicas = true;
  const Published published = publish(samples, wanted);
  EXPECT_EQ(published.numbers.size(), 3u * 9u);
  std::set<std::string> paths;
  for (const auto& [id, path] : published.cgroups) {
    EXPECT_EQ(id.rfind("service_web@", 0), 0u) << id;
    paths.insert(path);
  }
  EXPECT_THAT(paths, ElementsAre("/a", "/b"));
}

TEST(ReportTest, AReplicaKeepsItsNameForItsLifeAndIsForgottenAfterwards) {
  ReportConfig wanted = kNoHost;
  wanted.replicas = true;
  Report report(config_with(wanted));
  const auto first = publish(report, {{sample_of("web", "/a")}, {}, {}});
  const auto second =
      publish(report, {{later(sample_of("web", "/a"))}, {}, {}});
  EXPECT_EQ(first.cgroups, second.cgroups);
  // Gone and back: its sum begins anew, as the cgroup does.
  publish(report, {});
  const auto third =
      publish(report, {{later(sample_of("web", "/a"), 3)}, {}, {}});
  for (const auto& [id, number] : third.numbers) {
    if (id.find('@') == std::string::npos) continue;
    if (id.find("perf-cycles") == std::string::npos) continue;
    EXPECT_EQ(number, 2e10);
  }
}

TEST(ReportTest, CountsAddUpOverTheWindows) {
  Report report(config_with());
  publish(report, {{sample_of("web", "/a")}, {}, {}});
  const Published second =
      publish(report, {{later(sample_of("web", "/a"))}, {}, {}});
  EXPECT_EQ(second.numbers.at("service_web/perf-cycles"), 4e10);
}

TEST(ReportTest, LongNamesStayDistinct) {
  const std::string prefix(150, 'x');
  Config config;
  config.services = {{prefix + "1", {kAny}}, {prefix + "2", {kAny}}};
  Report report(config);
  const Published published = publish(
      report,
      {{sample_of(prefix + "1", "/a"), sample_of(prefix + "2", "/b")}, {}, {}});
  EXPECT_EQ(published.cgroups.size(), 18u);
  for (const auto& [id, path] : published.cgroups) {
    EXPECT_LE(id.find('/'), 127u);
  }
}

// collectd drops values of types it does not know, and a types.db of our own
// would drop its default one.
TEST(ReportTest, OnlyTypesOfCollectdsOwnDatabaseAreUsed) {
  std::ifstream database("/usr/share/collectd/types.db");
  if (!database) GTEST_SKIP() << "no /usr/share/collectd/types.db";
  std::set<std::string> known;
  for (std::string line; std::getline(database, line);) {
    known.insert(line.substr(0, line.find_first_of(" \t")));
  }
  const Published all =
      publish({{sample_of("web", "/a")}, {sample_of("train", "/t")}, {}});
  for (const auto& [id, number] : all.numbers) {
    const std::size_t slash = id.find('/');
    const std::string type =
        id.substr(slash + 1, id.find('-', slash) - slash - 1);
    EXPECT_EQ(known.count(type), 1u) << type;
  }
}

}  // namespace
}  // namespace cpi
