#include "service/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "service/metrics.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// "+memory" when it was crossed, "-memory" when it is kept again.
std::string word(const LimitChange& change) {
  return (change.crossed      ? "+"
          : change.unmeasured ? "?"
                              : "-") +
         std::string(to_string(change.limit));
}

class LimitsTest : public testing::Test {
 protected:
  LimitsTest() {
    declared_.cpu = 4;
    declared_.memory = 1000;
    declared_.gpu_memory = 1000;
    declared_.gpu_utilization = 0.7;
    declared_.success_rate = 0.99;
    declared_.restarts = RestartThreshold{2, minutes(5)};
    reading_.cgroup = {1, 2, "/pod/a"};
    reading_.unit = "/pod";
    reading_.oom_cgroup = 2;
    begin();
  }

  void begin() {
    limits_.emplace(declared_);
    first_ = true;
  }

  // Ends a tick of ten seconds.
  std::vector<std::string> tick() {
    now_ += kInterval;
    boot_ += kInterval;
    ++ticks_;
    changes_.clear();
    limits_->judge(now_, boot_, changes_);
    std::vector<std::string> words;
    for (const LimitChange& change : changes_) words.push_back(word(change));
    return words;
  }
  std::vector<std::string> look() {
    limits_->resources(reading_, boot_ + kInterval, first_);
    first_ = false;
    return tick();
  }
  std::vector<std::string> cpus(double cpus) {
    limits_->cpus(cpus, "/a");
    return tick();
  }
  // The agent ends and begins again, on the same boot or another.
  void restart_agent(bool same_boot) {
    const LimitsState state = limits_->state();
    begin();
    limits_->restore(state, same_boot);
  }
  MainProcess fresh(int pid) { return {pid, boot_ + seconds(5)}; }

  Declaration declared_;
  std::optional<Limits> limits_;
  bool first_ = true;
  ResourceReading reading_;
  Instant now_{hours(1)};
  Duration boot_ = hours(100);
  int ticks_ = 0;
  std::vector<LimitChange> changes_;
};

TEST_F(LimitsTest, NamesAreReadBack) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kLimits; ++i) {
    const auto limit = static_cast<Limit>(i);
    EXPECT_EQ(limit_named(to_string(limit)), limit);
    names.insert(to_string(limit));
  }
  EXPECT_EQ(names.size(), kLimits);
  EXPECT_EQ(limit_named("nothing"), std::nullopt);
}

TEST_F(LimitsTest, CpuBeyondTheDeclaredThreadsHasToLast) {
  EXPECT_THAT(cpus(5), IsEmpty());
  EXPECT_THAT(cpus(5), IsEmpty());
  EXPECT_THAT(cpus(3), IsEmpty());
  EXPECT_THAT(cpus(5), IsEmpty());
  EXPECT_THAT(cpus(5), IsEmpty());
  EXPECT_THAT(cpus(5), ElementsAre("+cpu"));
  EXPECT_EQ(changes_[0].value, 5);
  EXPECT_EQ(changes_[0].threshold, 4);
  EXPECT_EQ(changes_[0].cgroup, "/a");
  EXPECT_THAT(cpus(5), IsEmpty());
  EXPECT_THAT(cpus(4.1), IsEmpty());  // within the band
  EXPECT_THAT(cpus(4), IsEmpty());
  EXPECT_THAT(cpus(4), IsEmpty());
  EXPECT_THAT(cpus(4), ElementsAre("-cpu"));
}

TEST_F(LimitsTest, TheWorstReplicaCounts) {
  for (int i = 0; i < 3; ++i) {
    limits_->cpus(1, "/idle");
    limits_->cpus(6, "/busy");
    limits_->cpus(2, "/other");
    tick();
  }
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_EQ(changes_[0].cgroup, "/busy");
}

TEST_F(LimitsTest, MemoryWarnsEarlyAndEndsBelowItsBand) {
  reading_.memory = 899;
  EXPECT_THAT(look(), IsEmpty());
  reading_.memory = 900;
  EXPECT_THAT(look(), ElementsAre("+memory"));
  reading_.memory = 860;
  for (int i = 0; i < 5; ++i) EXPECT_THAT(look(), IsEmpty());
  reading_.memory = 840;
  look();
  look();
  EXPECT_THAT(look(), ElementsAre("-memory"));
}

TEST_F(LimitsTest, TheLowerOfDeclarationAndCgroupLimitsMemory) {
  reading_.memory = 460;
  EXPECT_THAT(look(), IsEmpty());
  reading_.memory_limit = 500;
  EXPECT_THAT(look(), ElementsAre("+memory"));
  EXPECT_EQ(changes_[0].threshold, 500);
}

TEST_F(LimitsTest, AKilledProcessIsOneAlarmUntilItIsQuiet) {
  reading_.oom_kills = 3;  // before the agent was
  EXPECT_THAT(look(), IsEmpty());
  reading_.oom_kills = 4;
  EXPECT_THAT(look(), ElementsAre("+oom"));
  EXPECT_EQ(changes_[0].value, 1);
  reading_.oom_kills = 6;
  EXPECT_THAT(look(), IsEmpty());
  for (int i = 0; i < 59; ++i) EXPECT_THAT(look(), IsEmpty()) << i;
  EXPECT_THAT(look(), ElementsAre("-oom"));
  reading_.oom_kills = 7;
  EXPECT_THAT(look(), ElementsAre("+oom"));
}

TEST_F(LimitsTest, AContainerKilledBeforeItWasFirstSeenIsSeen) {
  look();
  reading_.oom_kills = 1;
  reading_.oom_cgroup = 77;  // made since the last look
  EXPECT_THAT(look(), ElementsAre("+oom"));
}

TEST_F(LimitsTest, TwoContainersOfOnePodCountItsKillsOnce) {
  reading_.oom_kills = 0;
  look();
  reading_.oom_kills = 1;
  limits_->resources(reading_, boot_, false);
  reading_.cgroup = {1, 3, "/pod/b"};
  EXPECT_THAT(look(), ElementsAre("+oom"));
  EXPECT_EQ(changes_[0].value, 1);
}

TEST_F(LimitsTest, TwoRestartsInFiveMinutesAreOneAlarm) {
  reading_.mains = {{1, hours(50)}};
  look();
  reading_.mains = {fresh(2)};
  EXPECT_THAT(look(), IsEmpty());
  reading_.mains = {fresh(3)};
  EXPECT_THAT(look(), ElementsAre("+restarts"));
  EXPECT_EQ(changes_[0].value, 2);
  reading_.mains = {fresh(4)};
  EXPECT_THAT(look(), IsEmpty());
  int quiet = 0;
  while (look().empty()) ++quiet;
  EXPECT_EQ(quiet, 29);  // its process began five seconds before
  EXPECT_EQ(word(changes_[0]), "-restarts");
}

TEST_F(LimitsTest, RestartsFarApartAreNone) {
  reading_.mains = {{1, hours(50)}};
  look();
  for (int restart = 2; restart < 6; ++restart) {
    reading_.mains = {fresh(restart)};
    for (int i = 0; i < 31; ++i) EXPECT_THAT(look(), IsEmpty());
  }
}

TEST_F(LimitsTest, AnotherPodIsARolloutAndNoRestart) {
  reading_.mains = {{1, hours(50)}};
  look();
  for (int pod = 2; pod < 6; ++pod) {
    reading_.unit = "/pod" + std::to_string(pod);
    reading_.mains = {fresh(pod)};
    EXPECT_THAT(look(), IsEmpty());
  }
  EXPECT_EQ(limits_->restarts(), 0u);
}

// The table: 98.9 % of 1,000 requests, and 99.1 %.
std::vector<std::string> with_failures(Limits& limits, double failures_of_100) {
  std::vector<LimitChange> changes;
  for (int i = 0; i <= 10; ++i) {
    limits.metric(ServiceMetric::requests, total(i, 100.0 * i));
    limits.metric(ServiceMetric::failures, total(i, failures_of_100 * i));
    limits.judge(Instant(i * kInterval), i * kInterval, changes);
  }
  std::vector<std::string> words;
  for (const LimitChange& change : changes) words.push_back(word(change));
  return words;
}

TEST_F(LimitsTest, TheSuccessRateAlarmsBelowItsThreshold) {
  EXPECT_THAT(with_failures(*limits_, 1.1), ElementsAre("+success_rate"));
  begin();
  EXPECT_THAT(with_failures(*limits_, 0.9), IsEmpty());
}

TEST_F(LimitsTest, ASuccessRateAtItsThresholdDoesNotFlap) {
  declared_.success_rate = 0.99;
  begin();
  double failures = 0;
  int said = 0;
  for (int i = 0; i < 500; ++i) {
    failures += i % 2 == 0 ? 1.05 : 0.97;
    limits_->metric(ServiceMetric::requests, total(i, 100.0 * i));
    limits_->metric(ServiceMetric::failures, total(i, failures));
    said += static_cast<int>(tick().size());
  }
  EXPECT_LE(said, 1);
}

TEST_F(LimitsTest, ResetsAndLateSeriesAlarmNobody) {
  double requests = 0;
  double failures = 0;
  for (int i = 0; i < 200; ++i) {
    if (i % 40 == 0) requests = failures = i / 40;  // the service restarts
    requests += 100;
    failures += 0.9;
    limits_->metric(ServiceMetric::requests, total(i, requests));
    if (i % 3 == 0) {  // three values at once, two intervals late
      limits_->metric(ServiceMetric::failures, total(i, failures));
    }
    EXPECT_THAT(tick(), IsEmpty()) << i;
  }
}

TEST_F(LimitsTest, TrafficThatDisappearsIsSaidOnce) {
  int i = 1;
  const auto feed = [&](double per_second) {
    limits_->metric(ServiceMetric::requests, rate(i++, per_second));
    return tick();
  };
  while (i < 500) EXPECT_THAT(feed(20), IsEmpty());
  std::vector<std::string> said;
  while (i < 600) {
    for (auto& change : feed(0)) said.push_back(change);
  }
  EXPECT_THAT(said, ElementsAre("+traffic"));
  while (i < 640) {
    for (auto& change : feed(20)) said.push_back(change);
  }
  EXPECT_THAT(said, ElementsAre("+traffic", "-traffic"));
}

TEST_F(LimitsTest, MetricsLateByTwoIntervalsAreNotTrafficGone) {
  for (int i = 1; i < 500; ++i) {
    if (i > 2) limits_->metric(ServiceMetric::requests, rate(i - 2, 20));
    EXPECT_THAT(tick(), IsEmpty());
  }
}

TEST_F(LimitsTest, GpuIsHeldAgainstItsDeclarationTheSameWay) {
  std::vector<std::string> said;
  for (int i = 1; i < 200; ++i) {
    limits_->metric(ServiceMetric::gpu_memory, rate(i, i < 100 ? 950 : 100));
    limits_->metric(ServiceMetric::gpu_utilization, rate(i, i < 100 ? 90 : 10));
    for (auto& change : tick()) said.push_back(change);
  }
  EXPECT_THAT(said, ElementsAre("+gpu_memory", "+gpu_utilization",
                                "-gpu_memory", "-gpu_utilization"));
}

TEST_F(LimitsTest, NonsenseOfAGpuIsIgnored) {
  for (int i = 1; i < 10; ++i) {
    for (const double value : {std::nan(""), -1.0, HUGE_VAL}) {
      limits_->metric(ServiceMetric::gpu_memory, rate(i, value));
      limits_->metric(ServiceMetric::gpu_utilization, rate(i, value));
    }
    limits_->metric(ServiceMetric::gpu_utilization, rate(i, 1e9));
    EXPECT_THAT(tick(), IsEmpty());
  }
}

TEST_F(LimitsTest, WhatIsNotDeclaredIsNotJudged) {
  declared_ = Declaration{};
  begin();
  EXPECT_TRUE(limits_->idle());
  reading_.memory = 1 << 30;
  reading_.oom_kills = 1;
  look();
  reading_.oom_kills = 2;
  for (int i = 0; i < 10; ++i) {
    limits_->cpus(1e6, "/a");
    EXPECT_THAT(look(), IsEmpty());
  }
}

TEST_F(LimitsTest, ALimitNobodyMeasuresIsGivenUpAfterAnHour) {
  reading_.memory = 950;
  EXPECT_THAT(look(), ElementsAre("+memory"));
  int silent = 0;
  while (tick().empty()) ++silent;
  EXPECT_EQ(silent, 359);
  EXPECT_EQ(word(changes_[0]), "?memory");
}

// Restarts of the agent.

TEST_F(LimitsTest, ARestartOfTheAgentInventsNoRestartOfTheService) {
  reading_.mains = {{1, hours(50)}};
  reading_.oom_kills = 4;
  look();
  for (int i = 0; i < 5; ++i) {
    restart_agent(true);
    EXPECT_THAT(look(), IsEmpty());
    EXPECT_EQ(limits_->restarts(), 0u);
  }
}

TEST_F(LimitsTest, WhatHappenedWhileTheAgentWasAwayIsSeen) {
  reading_.mains = {{1, hours(50)}};
  reading_.oom_kills = 4;
  look();
  reading_.mains = {fresh(2)};
  look();
  reading_.mains = {fresh(3)};
  reading_.oom_kills = 5;
  restart_agent(true);
  EXPECT_THAT(look(), ElementsAre("+oom", "+restarts"));
}

TEST_F(LimitsTest, AnAlarmIsNotRepeatedByARestartOfTheAgentAndStillEnds) {
  reading_.memory = 950;
  EXPECT_THAT(look(), ElementsAre("+memory"));
  restart_agent(true);
  EXPECT_THAT(look(), IsEmpty());
  reading_.memory = 100;
  look();
  look();
  EXPECT_THAT(look(), ElementsAre("-memory"));
}

TEST_F(LimitsTest, AnotherBootIsAnotherLife) {
  reading_.mains = {{1, hours(50)}};
  look();
  reading_.mains = {{1, seconds(20)}};
  boot_ = seconds(60);
  restart_agent(false);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_EQ(limits_->restarts(), 0u);
}

TEST_F(LimitsTest, OnlyWhatChangedHasToBeSaved) {
  reading_.mains = {{1, hours(50)}};
  reading_.memory = 100;
  look();
  const auto version = limits_->version();
  for (int i = 0; i < 5; ++i) look();
  EXPECT_EQ(limits_->version(), version);
  reading_.mains = {fresh(2)};
  look();
  EXPECT_NE(limits_->version(), version);
}

}  // namespace
}  // namespace cpi
