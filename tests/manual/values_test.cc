// The manual lists what is published, and what a model's file holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "collectd/recording_dispatcher.h"
#include "collectd/report.h"
#include "collectd/samples.h"
#include "collectd/services.h"
#include "manual/page.h"
#include "store/model_json.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::HasSubstr;

// One judgement with everything that can be published of it.
std::vector<Judgement> judged() {
  std::vector<Judgement> judgements(1);
  for (auto& finding : judgements[0].findings) {
    finding.emplace();
    finding->score.basis = Basis::buckets;
  }
  return judgements;
}

// "gauge-cpi" and so on, of a service, counted batch work and the host.
std::set<std::string> published() {
  Config config;
  config.services = {{"web", {}}};
  config.batch = {{"train", {}, true}};
  config.policy.act = true;
  Report report(config);
  const Readings readings;
  const Samples samples{
      {sample_of("web", "/a")}, {sample_of("train", "/b")}, {}};
  const auto judgements = judged();
  Tick tick{kEnd, &readings, &samples};
  tick.judgements = &judgements;
  // An incident is open, and its culprit throttled.
  const CgroupId culprit = samples.batch[0].cgroup;
  const std::vector<Suspect> suspects = {{culprit, "train", 0.5}};
  tick.suspects = &suspects;
  PolicyState policy;
  policy.throttles.add({culprit, "train", {}, 500});
  tick.policy = &policy;
  std::set<std::string> names;
  for (const Value& value : report.values(tick, {.file_descriptors = 1})) {
    names.insert(std::string(value.type) + "-" +
                 std::string(value.type_instance));
  }
  return names;
}

// "memory-used" and so on, by "service", "pool" and "business".
using Published = std::map<std::string, std::set<std::string>>;

// Of one service whose declaration has everything that is published of one.
Published published_of_declarations() {
  Config config;
  ServiceConfig& service = config.services.emplace_back();
  service.name = "web";
  Declaration& declared = service.declaration;
  declared.pool = "pool";
  declared.business = "business";
  declared.cpu = 1;
  declared.restarts = RestartThreshold{1, std::chrono::minutes(5)};
  declared.metrics.requests = "app/gauge-requests";
  declared.metrics.failures = "app/gauge-failures";
  Readings readings;
  readings.host.online_cpus = 4;
  readings.services = {{"web", {}}};
  Samples samples{{sample_of("web", "/a")}, {}, {}};
  ResourceReading replica;
  replica.service = "web";
  replica.memory = 500;
  const ResourceReadings resources{std::chrono::hours(1), 1000, {replica}};
  const TemporaryDirectory directory;
  RecordingDispatcher dispatcher;
  Services services(
      config, directory.path(), "boot", dispatcher,
      [](Severity, const std::string&) {},
      [&](const std::vector<WorkloadReading>&, Instant) { return &resources; });
  for (int i = 0; i < 40; ++i) {
    const Duration later = i * std::chrono::seconds(10);
    const Tick tick{kEnd + later, &readings, &samples};
    for (const auto* metric : {"app/gauge-requests", "app/gauge-failures"}) {
      services.hear(metric, {MetricValue::Kind::rate, 100, later, {}});
    }
    services.tick(tick);
  }
  Published published;
  for (const std::string& identifier : dispatcher.published) {
    const auto slash = identifier.find('/');
    published[identifier.substr(0, identifier.find('_'))].insert(
        identifier.substr(slash + 1));
  }
  return published;
}

std::set<std::string> listed(const std::string& heading) {
  std::set<std::string> names;
  for (const auto& [name, text] : Page("collectd-cpi.5").items(heading)) {
    if (name != "Sy") names.insert(name);  // that is the heading of the table
  }
  return names;
}

TEST(ManualTest, EveryPublishedValueStandsInThePageAndNoOther) {
  EXPECT_EQ(listed("VALUES"), published());
}

TEST(ManualTest, EveryValueOfADeclarationStandsInThePageAndNoOther) {
  Published published = published_of_declarations();
  EXPECT_EQ(listed("Values of declared services"), published["service"]);
  EXPECT_EQ(listed("Values of pools"), published["pool"]);
  for (const std::string& name : published["business"]) {
    EXPECT_EQ(published["pool"].count(name), 1u) << name;
  }
  EXPECT_EQ(published.size(), 3u);
}

TEST(ManualTest, EveryLimitOfADeclarationStandsInThePageAndNoOther) {
  std::set<std::string> limits;
  for (std::size_t i = 0; i < kLimits; ++i) {
    limits.emplace(to_string(static_cast<Limit>(i)));
  }
  EXPECT_EQ(listed("Notifications"), limits);
}

TEST(ManualTest, EveryMemberOfAModelFileStandsInThePage) {
  ModelFile file;
  file.service = "web";
  file.signals[static_cast<int>(Signal::cpi)].emplace(Buckets(0.001));
  const std::string text = to_text(file);
  const Page page("cpi-model.5");
  const std::regex member("\"([a-z_0-9]+)\":");
  std::sregex_iterator match(text.begin(), text.end(), member);
  ASSERT_NE(match, std::sregex_iterator());
  for (; match != std::sregex_iterator(); ++match) {
    EXPECT_THAT(page.text(), HasSubstr("Ic " + (*match)[1].str())) << text;
  }
}

}  // namespace
}  // namespace cpi
