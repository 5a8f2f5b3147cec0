#include "watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "support/random.h"
#include "support/samples.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);
constexpr int kHour = 360;  // windows

ModelConfig quick() {
  ModelConfig config;
  config.min_samples = 500;
  config.warm_up = hours(1);
  return config;
}

// A service whose CPI falls with load, with noise of 4 %.
class WatchTest : public testing::Test {
 protected:
  double normal_cpi(double usage) {
    return (1.5 - usage) * (1 + 0.04 * random_.normal());
  }
  std::optional<Finding> step(double usage, double cpi, ino_t inode = 1) {
    now_ += kWindow;
    sample_ = sample_at(now_, kWindow, usage, cpi, inode);
    sample_.cpu_wait = wait_;
    sample_.executable = executable_;
    judgement_ = watch_.judge(sample_, idle_);
    watch_.forget_absent();
    return judgement_.findings[static_cast<int>(Signal::cpi)];
  }
  std::optional<Finding> normal(double usage) {
    return step(usage, normal_cpi(usage));
  }
  // Normal windows at around one load; the number of incidents.
  int run_normally(int windows, double usage = 0.15, double spread = 0.01) {
    int opened = 0;
    for (int i = 0; i < windows; ++i) {
      const auto finding = normal(usage + spread * random_.normal());
      opened += finding && finding->change == Change::opened;
    }
    return opened;
  }
  // Windows until an incident opens at a CPI this many times the normal one.
  int windows_to_incident(double factor, double usage = 0.15, int limit = 500) {
    for (int i = 1; i <= limit; ++i) {
      const auto finding = step(usage, factor * normal_cpi(usage));
      if (finding && finding->change == Change::opened) return i;
    }
    return 0;
  }

  Random random_{7};
  Instant now_{hours(10)};
  std::optional<bool> idle_;
  std::string executable_;
  std::optional<double> wait_;
  Sample sample_;
  Judgement judgement_;
  Watch watch_{"web", quick(), DetectorConfig{}};
};

TEST_F(WatchTest, ADayOfNormalLifeHasNoIncident) {
  EXPECT_EQ(run_normally(24 * kHour), 0);
}

TEST_F(WatchTest, StrongInterferenceIsFoundInAFewWindows) {
  run_normally(3 * kHour);
  const int windows = windows_to_incident(1.3);
  EXPECT_GE(windows, 1);
  EXPECT_LE(windows, 5);
}

TEST_F(WatchTest, MildInterferenceIsFoundInMinutes) {
  run_normally(3 * kHour);
  const int windows = windows_to_incident(1.05);
  EXPECT_GE(windows, 1);
  EXPECT_LE(windows, 60);
}

TEST_F(WatchTest, InterferenceNeverTeachesTheModel) {
  run_normally(3 * kHour);
  const double before = normal(0.15)->score.expected;
  windows_to_incident(1.3);
  for (int i = 0; i < 6 * kHour; ++i) step(0.15, 1.3 * normal_cpi(0.15));
  EXPECT_NEAR(normal(0.15)->score.expected, before, 0.01);
  EXPECT_TRUE(normal(0.15)->incident);
}

TEST_F(WatchTest, RecoveryIsToldOnce) {
  run_normally(3 * kHour);
  windows_to_incident(1.3);
  int recovered = 0;
  for (int i = 0; i < kHour; ++i) {
    const auto finding = normal(0.15);
    if (finding->change != Change::recovered) continue;
    ++recovered;
    ASSERT_TRUE(finding->incident);
    EXPECT_EQ(finding->incident->service, "web");
  }
  EXPECT_EQ(recovered, 1);
}

// The service takes over the load of another replica and stays there. Its CPI
// there is unlike anything an extrapolation could know.
TEST_F(WatchTest, AfterAFailOverTheServiceBecomesNormalWithoutHelp) {
  const ModelConfig config;
  run_normally(24 * kHour);
  const auto failed_over = [&] {
    const double usage = 0.4 + 0.01 * random_.normal();
    return step(usage, 1.25 * (1.5 - usage) * (1 + 0.04 * random_.normal()));
  };
  int last_incident = 0;
  int windows_in_incident = 0;
  for (int i = 1; i <= 12 * kHour; ++i) {
    const auto finding = failed_over();
    ASSERT_NE(finding->score.basis, Basis::none);
    if (!finding->incident || finding->change == Change::recovered) continue;
    last_incident = i;
    ++windows_in_incident;
  }
  RecordProperty("windows_until_normal", last_incident);
  EXPECT_GT(windows_in_incident, 0);
  EXPECT_LE(last_incident, 2 * config.acceptance);
}

TEST_F(WatchTest, ASlowRampOfLoadIsNoIncident) {
  run_normally(24 * kHour);
  int opened = 0;
  for (double usage = 0.15; usage < 0.6; usage += 0.45 / (6 * kHour)) {
    opened += run_normally(1, usage, 0.005);
  }
  EXPECT_EQ(opened, 0);
}

TEST_F(WatchTest, WithBatchIdleAChangeIsTheServicesOwnAndSoonNormal) {
  run_normally(3 * kHour);
  idle_ = true;
  ASSERT_GT(windows_to_incident(1.3), 0);
  int windows = 0;
  while (windows < 500) {
    const auto finding = step(0.15, 1.3 * normal_cpi(0.15));
    ++windows;
    if (finding->change == Change::recovered) break;
    EXPECT_TRUE(finding->incident->own_doing);
  }
  EXPECT_LE(windows, 40);
  idle_ = false;
  int opened = 0;
  for (int i = 0; i < kHour; ++i) {
    const double usage = 0.15 + 0.005 * random_.normal();
    opened += step(usage, 1.3 * normal_cpi(usage))->change == Change::opened;
  }
  EXPECT_EQ(opened, 0);
}

TEST_F(WatchTest, AnExoneratedVictimIsNormalAgain) {
  run_normally(3 * kHour);
  windows_to_incident(1.3);
  EXPECT_FALSE(watch_.exonerate(sample_.cgroup, Signal::cpi));
  for (int i = 0; i < 40; ++i) step(0.15, 1.3 * normal_cpi(0.15));
  EXPECT_TRUE(watch_.exonerate(sample_.cgroup, Signal::cpi));
  EXPECT_EQ(step(0.15, 1.3 * normal_cpi(0.15))->change, Change::recovered);
  EXPECT_FALSE(step(0.15, 1.3 * normal_cpi(0.15))->incident);
}

TEST_F(WatchTest, ReplicasShareWhatIsNormalButNotTheirIncidents) {
  run_normally(3 * kHour);
  int opened = 0;
  for (int i = 0; i < 30; ++i) {
    now_ += kWindow;
    for (const ino_t replica : {1, 2}) {
      const double usage = 0.15;
      const double factor = replica == 2 ? 1.3 : 1;
      const Sample sample =
          sample_at(now_, kWindow, usage, factor * normal_cpi(usage), replica);
      const auto judgement = watch_.judge(sample, std::nullopt);
      const auto& finding = judgement.findings[0];
      if (!finding || finding->change != Change::opened) continue;
      ++opened;
      EXPECT_EQ(finding->incident->victim.inode, replica);
      EXPECT_EQ(replica, 2u);
    }
    watch_.forget_absent();
  }
  EXPECT_EQ(opened, 1);
}

TEST_F(WatchTest, WhatEndsForAllReplicasIsToldForEach) {
  run_normally(3 * kHour);
  std::array<int, 3> opened = {};
  std::array<int, 3> recovered = {};
  const auto disturbed = [&](int windows) {
    for (int i = 0; i < windows; ++i) {
      now_ += kWindow;
      for (const ino_t replica : {1, 2}) {
        Sample sample =
            sample_at(now_, kWindow, 0.15, 1.5 * normal_cpi(0.15), replica);
        sample.executable = executable_;
        const auto judgement = watch_.judge(sample, std::nullopt);
        const auto& finding = judgement.findings[0];
        if (!finding) continue;
        opened[replica] += finding->change == Change::opened;
        if (finding->change != Change::recovered) continue;
        ++recovered[replica];
        EXPECT_EQ(finding->incident->victim.inode, replica);
      }
      watch_.forget_absent();
    }
  };
  executable_ = "web 1";
  disturbed(40);
  EXPECT_THAT(opened, testing::ElementsAre(0, 1, 1));
  executable_ = "web 2";
  disturbed(40);
  EXPECT_THAT(recovered, testing::ElementsAre(0, 1, 1));
}

TEST_F(WatchTest, AContainerThatJustStartedIsNotJudged) {
  run_normally(3 * kHour);
  int judged = 0;
  for (int i = 0; i < 13; ++i) judged += step(0.15, 9, 77).has_value();
  // Two minutes are twelve windows; the one that ends with them counts.
  EXPECT_EQ(judged, 2);
}

TEST_F(WatchTest, AContainerFoundAtTheBeginningIsJudgedAtOnce) {
  EXPECT_TRUE(normal(0.15));
}

TEST_F(WatchTest, AnActionSpendsTheVictimsEvidence) {
  run_normally(3 * kHour);
  windows_to_incident(1.5);
  watch_.spend(sample_.cgroup);
  EXPECT_EQ(step(0.15, 1.5 * normal_cpi(0.15))->change, Change::none);
  EXPECT_EQ(step(0.15, 1.5 * normal_cpi(0.15))->change, Change::none);
  int repeated = 0;
  for (int i = 0; i < 5; ++i) {
    repeated += step(0.15, 1.5 * normal_cpi(0.15))->change == Change::repeated;
  }
  EXPECT_EQ(repeated, 1);
}

TEST_F(WatchTest, StarvationIsFoundThoughTheCpiLooksFine) {
  wait_ = 0.02;
  run_normally(3 * kHour);
  wait_ = 0.6;
  Change change = Change::none;
  for (int i = 0; i < 5 && change == Change::none; ++i) {
    EXPECT_FALSE(normal(0.15)->incident);
    change = judgement_.findings[static_cast<int>(Signal::cpu_wait)]->change;
  }
  EXPECT_EQ(change, Change::opened);
}

TEST_F(WatchTest, WaitUnderItsOwnQuotaIsNotScored) {
  wait_ = 0.02;
  run_normally(10);
  Sample sample = sample_at(now_ + kWindow, kWindow, 0.15, 1.3);
  sample.cpu_wait = 0.9;
  sample.wait_cause = WaitCause::limit;
  const auto judgement = watch_.judge(sample, std::nullopt);
  EXPECT_FALSE(judgement.findings[static_cast<int>(Signal::cpu_wait)]);
}

TEST_F(WatchTest, AWithheldCpiIsNotScored) {
  Sample sample = sample_at(now_ + kWindow, kWindow, 0.15, 1.3);
  sample.counted = tl::make_unexpected(Withheld::idle);
  const auto judgement = watch_.judge(sample, std::nullopt);
  EXPECT_FALSE(judgement.findings[static_cast<int>(Signal::cpi)]);
}

TEST_F(WatchTest, BothSignalsCanBeScored) {
  ModelConfig config = quick();
  config.signal = "both";
  Watch watch("web", config, DetectorConfig{});
  const Sample sample = sample_at(now_, kWindow, 0.15, 1.3);
  const auto judgement = watch.judge(sample, std::nullopt);
  EXPECT_TRUE(judgement.findings[0]);
  EXPECT_TRUE(judgement.findings[1]);
}

TEST_F(WatchTest, StateSurvivesARestart) {
  run_normally(3 * kHour);
  Watch restarted("web", quick(), DetectorConfig{});
  restarted.restore(watch_.state(), now_);
  const Sample sample = sample_at(now_ + kWindow, kWindow, 0.15, 2);
  const auto judgement = restarted.judge(sample, std::nullopt);
  EXPECT_TRUE(judgement.findings[0]->score.anomaly);
}

TEST_F(WatchTest, ANewProgramWarmsUpAgainWithThePast) {
  executable_ = "web 1";
  run_normally(3 * kHour);
  windows_to_incident(1.5);
  executable_ = "web 2";
  const auto finding = step(0.15, 1.5 * normal_cpi(0.15));
  EXPECT_TRUE(judgement_.restarted);
  EXPECT_EQ(finding->score.learning, Learning::warm_up);
  EXPECT_NEAR(finding->score.expected, 1.35, 0.03);
  EXPECT_EQ(finding->change, Change::recovered);
  run_normally(2 * kHour);
  EXPECT_EQ(normal(0.15)->score.learning, Learning::unverified);
}

TEST_F(WatchTest, AProgramThatIsKnownAlreadyChangesNothing) {
  executable_ = "web 1";
  run_normally(3 * kHour);
  Watch restarted("web", quick(), DetectorConfig{});
  restarted.restore(watch_.state(), now_);
  restarted.executables().restore(watch_.executables().known());
  const auto judgement = restarted.judge(sample_, std::nullopt);
  EXPECT_FALSE(judgement.restarted);
  EXPECT_NE(judgement.findings[0]->score.learning, Learning::warm_up);
}

TEST_F(WatchTest, WhatAContainerRunsWhileItStartsIsNotItsProgram) {
  executable_ = "web 1";
  run_normally(3 * kHour);
  executable_ = "container runtime";
  step(0.15, 1.3, 77);
  EXPECT_FALSE(judgement_.restarted);
  executable_ = "web 1";
  for (int i = 0; i < 20; ++i) step(0.15, 1.3, 77);
  EXPECT_FALSE(judgement_.restarted);
}

TEST_F(WatchTest, ASeededServiceIsJudgedAndActedOnAtOnce) {
  run_normally(3 * kHour);
  Watch fresh("web", ModelConfig{}, DetectorConfig{});
  fresh.seed(watch_.state());
  const Sample sample = sample_at(now_ + kWindow, kWindow, 0.15, 2);
  const auto judgement = fresh.judge(sample, std::nullopt);
  EXPECT_EQ(judgement.findings[0]->score.learning, Learning::ready);
}

}  // namespace
}  // namespace cpi
