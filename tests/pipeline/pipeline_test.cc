// All stages together, on readings of an invented host of four CPUs.
#include "pipeline.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "support/random.h"

namespace cpi {
namespace {

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);

struct Host {
  Random random{11};
  double wait = 0.02;    // share of the window in which the service waits
  double noise = 0.005;  // of that
  double batch_cpus = 0;
  bool batch_there = true;
  bool failing = false;
  Readings readings;
  Duration service_time{}, service_waited{}, batch_time{};
};

Duration share(double of_window) {
  return duration_cast<Duration>(of_window * kWindow);
}

class HostCollector final : public Collector {
 public:
  explicit HostCollector(Host& host) : host_(host) {}

  Result<const Readings*> collect(Instant now) override {
    if (host_.failing) return fail(EIO, "read everything");
    const double noise = host_.noise * host_.random.normal();
    host_.service_time += share(0.5);
    host_.service_waited += share(std::max(0.0, host_.wait + noise));
    host_.batch_time += share(host_.batch_cpus);
    Readings& readings = host_.readings;
    readings.host = {now, 4, {}};
    Reading service{{1, 1, "/web"}, now, {}, 0, {}, {}, {}, {}, {}, {}};
    service.cpu_time = host_.service_time;
    service.waited = host_.service_waited;
    service.wait_source = WaitSource::psi;
    readings.services = {{"web", service}};
    Reading batch{{1, 2, "/batch/a"}, now, {}, 0, {}, {}, {}, {}, {}, {}};
    batch.cpu_time = host_.batch_time;
    readings.batch.clear();
    if (host_.batch_there) readings.batch = {{"train", batch}};
    return &readings;
  }

 private:
  Host& host_;
};

Config config_of_test() {
  Config config;
  config.model.min_samples = 50;
  config.model.warm_up = {};
  config.model.startup_grace = {};
  config.batch = {{"train", {{Selector::Kind::glob, "/batch/*"}}}};
  config.services = {{"web", {{Selector::Kind::glob, "/web"}}}};
  return config;
}

class PipelineTest : public testing::Test {
 protected:
  explicit PipelineTest(const Config& config = config_of_test())
      : pipeline_(config, std::make_unique<HostCollector>(host_)) {}

  Tick tick() {
    now_ += kWindow;
    return pipeline_.tick(now_).value();
  }
  // The first decision that has an action, within so many windows; absent:
  // none had.
  std::optional<Action> first_action(int windows) {
    for (int i = 0; i < windows; ++i) {
      const Tick latest = tick();
      if (latest.decision->actions.empty()) continue;
      return latest.decision->actions.front();
    }
    return std::nullopt;
  }
  void learn() { EXPECT_FALSE(first_action(250)); }
  void harm() {
    host_.wait = 0.5;
    host_.batch_cpus = 3;
  }

  Host host_;
  Instant now_{hours(10)};
  Pipeline pipeline_;
};

TEST_F(PipelineTest, WhoeverStarvesTheServiceIsNamedWithinFiveWindows) {
  learn();
  harm();
  const auto action = first_action(5);
  ASSERT_TRUE(action);
  const auto* lower = std::get_if<Lower>(&action->verb);
  ASSERT_TRUE(lower);
  EXPECT_EQ(lower->cgroup.path, "/batch/a");
  EXPECT_EQ(lower->before, 3000);
  EXPECT_EQ(lower->quota, 1500);
  EXPECT_EQ(action->workload, "train");
  EXPECT_EQ(action->why.reason, Reason::explains);
  EXPECT_EQ(action->why.service, "web");
  EXPECT_TRUE(action->dry_run);
}

TEST_F(PipelineTest, ATickSaysWhatItLearned) {
  learn();
  harm();
  Tick latest = tick();
  for (int i = 0; i < 5 && latest.decision->actions.empty(); ++i) {
    latest = tick();
  }
  ASSERT_EQ(latest.suspects->size(), 1u);
  EXPECT_EQ(latest.suspects->front().cgroup.path, "/batch/a");
  EXPECT_EQ(latest.policy->throttles.size(), 1u);
  EXPECT_FALSE(latest.decision->notices.empty());
  EXPECT_EQ(latest.judgements->size(), 1u);
}

TEST_F(PipelineTest, NobodyIsSuspectedAnyMoreWhenTheHarmIsOver) {
  learn();
  harm();
  ASSERT_TRUE(first_action(5));
  host_.wait = 0.02;
  host_.batch_cpus = 1;
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_TRUE(tick().suspects->empty());
}

TEST_F(PipelineTest, AnActionSpendsTheEvidence) {
  learn();
  harm();
  ASSERT_TRUE(first_action(5));
  host_.batch_cpus = 1.5;  // it obeys, and it does not help
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(tick().decision->actions.empty()) << i;
  }
}

TEST_F(PipelineTest, WithoutBatchNobodyIsBlamed) {
  host_.batch_there = false;
  learn();
  host_.wait = 0.5;
  EXPECT_FALSE(first_action(100));
}

TEST_F(PipelineTest, AFailedReadChangesNothing) {
  learn();
  host_.failing = true;
  EXPECT_FALSE(pipeline_.tick(now_ + kWindow));
  host_.failing = false;
  EXPECT_TRUE(pipeline_.tick(now_ + kWindow));
}

// As after a restart.
TEST_F(PipelineTest, WhatThePolicyKnewItGoesOnWith) {
  learn();
  harm();
  ASSERT_TRUE(first_action(5));
  PolicyState state = pipeline_.policy().state();
  ASSERT_EQ(state.throttles.size(), 1u);
  Pipeline second(config_of_test(), std::make_unique<HostCollector>(host_),
                  std::move(state));
  now_ += kWindow;
  EXPECT_EQ(second.tick(now_)->policy->throttles.size(), 1u);
}

class DeclaringPipelineTest : public PipelineTest {
 protected:
  static Config declaring() {
    Config config = config_of_test();
    config.batch.front().cpus = 2;
    return config;
  }
  DeclaringPipelineTest() : PipelineTest(declaring()) {}
};

TEST_F(DeclaringPipelineTest, WhoUsesMoreThanItDeclaredIsTurnedDownFromThere) {
  learn();
  harm();
  const auto action = first_action(5);
  ASSERT_TRUE(action);
  EXPECT_EQ(std::get<Lower>(action->verb).before, 2000);
  EXPECT_EQ(std::get<Lower>(action->verb).quota, 1000);
}

class ActingPipelineTest : public PipelineTest {
 protected:
  static Config acting() {
    Config config = config_of_test();
    config.policy.act = true;
    return config;
  }
  ActingPipelineTest() : PipelineTest(acting()) {}
};

TEST_F(ActingPipelineTest, WhatTheHelperSaysIsBelieved) {
  learn();
  harm();
  const auto action = first_action(5);
  ASSERT_TRUE(action);
  EXPECT_FALSE(action->dry_run);
  pipeline_.policy().report(
      {*target_of(action->verb), ActionOutcome::Kind::gone, 0}, now_);
  EXPECT_TRUE(tick().policy->throttles.empty());
}

TEST_F(ActingPipelineTest, BatchThatWeHoldDownIsNotIdle) {
  learn();
  harm();
  ASSERT_TRUE(first_action(5));
  host_.batch_cpus = 0.1;  // it obeys, and harms as before
  const Tick latest = tick();
  const auto& finding =
      latest.judgements->front().findings[static_cast<int>(Signal::cpu_wait)];
  ASSERT_TRUE(finding && finding->incident);
  EXPECT_FALSE(finding->incident->own_doing);
}

}  // namespace
}  // namespace cpi
