#include "collectd/services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "collectd/limit_alarms.h"
#include "collectd/recording_dispatcher.h"
#include "store/atomic_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

class ServicesTest : public testing::Test {
 protected:
  ServicesTest() {
    ServiceConfig service;
    service.name = "web";
    Declaration& declared = service.declaration;
    declared.business = "推荐";
    declared.pool = "a/b";
    declared.owners = {"zhang", "li"};
    declared.traffic_owner = "wang";
    declared.cpu = 3;
    declared.memory = 1000;
    declared.success_rate = 0.99;
    declared.restarts = RestartThreshold{2, minutes(5)};
    declared.metrics.requests = "app/derive-requests";
    declared.metrics.failures = "app/derive-failures";
    config_.services = {service};
    ServiceConfig bare;
    bare.name = "bare";
    config_.services.push_back(bare);
    sample_.workload = "web";
    sample_.cgroup = {1, 2, "/web"};
    sample_.cpus = 2;
    readings_.host.online_cpus = 4;
    readings_.services = {{"web", {}}};
    readings_.services[0].reading.cgroup = sample_.cgroup;
    resources_.host_memory = 10'000;
    resources_.since_boot = hours(10);
    ResourceReading replica;
    replica.service = "web";
    replica.cgroup = sample_.cgroup;
    replica.unit = "/web";
    replica.memory = 500;
    replica.mains = {{7, hours(1)}};
    resources_.replicas = {replica};
    begin();
  }

  void begin(const std::string& boot = "boot-1") {
    services_.reset();
    services_.emplace(
        config_, directory_.path(), boot, dispatcher_,
        [this](Severity, const std::string& text) { log_.push_back(text); },
        [this](const std::vector<WorkloadReading>&, Instant) {
          return &resources_;
        });
  }

  void tick() {
    now_ += seconds(10);
    resources_.since_boot += seconds(10);
    samples_.services = {sample_};
    dispatcher_.published.clear();
    services_->tick({now_, &readings_, &samples_, &judgements_});
  }

  void replace_main(int pid) {
    resources_.replicas[0].mains = {{pid, resources_.since_boot + seconds(5)}};
  }

  Config config_;
  Readings readings_;
  Samples samples_;
  std::vector<Judgement> judgements_;
  Sample sample_;
  ResourceReadings resources_;
  Instant now_{hours(1)};
  std::vector<std::string> log_;
  TemporaryDirectory directory_;
  RecordingDispatcher dispatcher_;
  std::optional<Services> services_;
};

TEST_F(ServicesTest, PublishesWhatServicesPoolsAndBusinessesUse) {
  tick();
  tick();
  EXPECT_THAT(
      dispatcher_.published,
      ElementsAre("service_web/memory-used", "service_web/gauge-restarts",
                  "pool_a_b/total_time_in_ms-cpu", "pool_a_b/gauge-cpus",
                  "pool_a_b/percent-cpu_usage",
                  "pool_a_b/derive-memory_mib_seconds", "pool_a_b/memory-used",
                  "pool_a_b/percent-memory", "pool_a_b/gauge-declared_cpus",
                  "pool_a_b/memory-declared",
                  "business_推荐/total_time_in_ms-cpu",
                  "business_推荐/gauge-cpus", "business_推荐/percent-cpu_usage",
                  "business_推荐/derive-memory_mib_seconds",
                  "business_推荐/memory-used", "business_推荐/percent-memory"));
  EXPECT_THAT(dispatcher_.notifications, IsEmpty());
}

TEST_F(ServicesTest, WhatIsNotMeasuredIsNotPublished) {
  sample_.cpus.reset();
  resources_.replicas[0].memory.reset();
  tick();
  EXPECT_THAT(dispatcher_.published, Not(Contains("service_web/memory-used")));
  EXPECT_THAT(dispatcher_.published, Not(Contains(HasSubstr("percent"))));
}

TEST_F(ServicesTest, WithoutADeclarationThereIsNothingToSay) {
  services_.reset();  // which saves
  ASSERT_TRUE(std::filesystem::remove(directory_ / "limits.json"));
  for (ServiceConfig& service : config_.services) service.declaration = {};
  begin();
  tick();
  EXPECT_THAT(dispatcher_.published, IsEmpty());
  services_->stop();
  EXPECT_FALSE(read_file(directory_ / "limits.json"));
}

TEST_F(ServicesTest, AnAlarmNamesWhatHappenedAndWhomToCall) {
  tick();
  replace_main(8);
  tick();
  replace_main(9);
  tick();
  ASSERT_THAT(dispatcher_.notifications, SizeIs(1));
  const Notification& told = dispatcher_.notifications[0];
  EXPECT_EQ(told.alert, Alert::failure);
  EXPECT_EQ(told.instance, "service_web");
  EXPECT_EQ(told.type_instance, "restarts");
  EXPECT_EQ(told.message,
            "web: restarts: restarted 2 times within 5min, the threshold is "
            "2; call zhang, li");
  using Meta = std::variant<std::string, double>;
  EXPECT_THAT(told.metadata, Contains(Pair("owner", Meta("zhang, li"))));
  EXPECT_THAT(told.metadata, Contains(Pair("business", Meta("推荐"))));
  EXPECT_THAT(told.metadata, Contains(Pair("CurrentValue", Meta(2.0))));
}

TEST_F(ServicesTest, TheTrafficsOwnerIsCalledAsWellWhenItDisappears) {
  LimitChange change{Limit::traffic, true, false, 0, 20};
  const Notification told = notification_of(config_.services[0], change);
  EXPECT_EQ(told.message,
            "web: traffic: traffic is gone: 0 requests a second, 20 are usual; "
            "call zhang, li, wang (traffic source)");
}

TEST_F(ServicesTest, EveryLimitHasItsWords) {
  std::set<std::string> messages;
  for (std::size_t i = 0; i < kLimits; ++i) {
    for (const bool crossed : {true, false}) {
      const LimitChange change{static_cast<Limit>(i), crossed, false, 1, 2};
      const Notification told = notification_of(config_.services[0], change);
      EXPECT_EQ(told.alert == Alert::okay, !crossed);
      messages.insert(told.message);
    }
  }
  EXPECT_EQ(messages.size(), 2 * kLimits);
}

TEST_F(ServicesTest, MetricsOfOtherPluginsAreJudged) {
  const Duration epoch = hours(490'000);
  for (int i = 0; i <= 10; ++i) {
    const Duration at = epoch + i * seconds(10);
    services_->hear("app/derive-requests",
                    {MetricValue::Kind::total, 100.0 * i, at, seconds(10)});
    services_->hear("app/derive-failures",
                    {MetricValue::Kind::total, 1.1 * i, at, seconds(10)});
    services_->hear("app/derive-other",
                    {MetricValue::Kind::total, 50.0 * i, at, seconds(10)});
    tick();
  }
  ASSERT_THAT(dispatcher_.notifications, SizeIs(1));
  EXPECT_THAT(dispatcher_.notifications[0].message,
              HasSubstr("success rate 98.9 %, the threshold is 99%"));
  EXPECT_THAT(dispatcher_.published,
              Contains("service_web/percent-success_rate"));
}

TEST_F(ServicesTest, ARestartOfTheAgentRepeatsAndInventsNothing) {
  tick();
  replace_main(8);
  tick();
  replace_main(9);
  tick();
  ASSERT_THAT(dispatcher_.notifications, SizeIs(1));
  for (int i = 0; i < 3; ++i) {
    begin();
    tick();
  }
  EXPECT_THAT(dispatcher_.notifications, SizeIs(1));
  for (int i = 0; i < 40; ++i) tick();
  ASSERT_THAT(dispatcher_.notifications, SizeIs(2));
  EXPECT_EQ(dispatcher_.notifications[1].alert, Alert::okay);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(ServicesTest, ADamagedStateIsSetAsideAndSaid) {
  services_.reset();
  ASSERT_TRUE(write_atomically(directory_ / "limits.json", "{\"services\": 7"));
  begin();
  EXPECT_THAT(log_, ElementsAre(HasSubstr("is set aside")));
  EXPECT_TRUE(read_file(directory_ / "limits.json.damaged"));
  tick();
  EXPECT_THAT(dispatcher_.notifications, IsEmpty());
}

TEST_F(ServicesTest, PromisesBeyondTheHostAreAWarning) {
  readings_.services.push_back(readings_.services[0]);
  resources_.replicas.push_back(resources_.replicas[0]);
  tick();
  tick();
  ASSERT_THAT(dispatcher_.notifications, SizeIs(1));
  EXPECT_EQ(dispatcher_.notifications[0].message,
            "promised on this host: 6 of 4 CPUs, 2 kB of 10 kB (a/b 6)");
  readings_.services.pop_back();
  tick();
  EXPECT_EQ(dispatcher_.notifications.back().alert, Alert::okay);
}

TEST(MetricsTest, WhoFloodsOneSeriesTakesNoOthersRoom) {
  ServiceConfig service;
  service.declaration.metrics.requests = "a/b";
  service.declaration.metrics.failures = "c/d";
  Metrics metrics;
  metrics.listen({service});
  for (int i = 0; i < 100'000; ++i) metrics.hear("a/b", {});
  metrics.hear("c/d", {});
  const auto heard = metrics.take();
  EXPECT_EQ(heard.size(), Metrics::kMost + 1);
  EXPECT_EQ(heard.back().which, ServiceMetric::failures);
  metrics.hear("a/b", {});
  EXPECT_EQ(metrics.take().size(), 1u);
}

}  // namespace
}  // namespace cpi
