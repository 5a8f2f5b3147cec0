#include "incident/suspects.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/random.h"
#include "support/samples.h"

namespace cpi {
namespace {

using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);
const CgroupId kVictim{1, 1, "/web"};

Sample batch(ino_t inode, double cpus) {
  Sample sample = sample_at({}, kWindow, cpus / 32, 1, inode);
  sample.workload = "train";
  sample.cpus = cpus;
  return sample;
}

class SuspectsTest : public testing::Test {
 protected:
  // One window: the victim's deviation, and the CPUs of containers 10, 11, ….
  void step(double deviation, const std::vector<double>& cpus) {
    now_ += kWindow;
    std::vector<Sample> samples;
    for (const double use : cpus)
      samples.push_back(batch(10 + samples.size(), use));
    suspects_.observe(samples, now_);
    suspects_.observe(kVictim, Signal::cpi, deviation);
  }
  void run(int windows, double deviation, const std::vector<double>& cpus) {
    for (int i = 0; i < windows; ++i) step(deviation, cpus);
  }
  // The onset was so many windows ago.
  std::vector<Suspect> rank(int windows) {
    Incident incident;
    incident.victim = kVictim;
    incident.signal = Signal::cpi;
    incident.onset = now_ - (windows - 1) * kWindow;
    return suspects_.rank(incident);
  }

  Instant now_{seconds(1000)};
  Suspects suspects_{SuspectsConfig{}};
};

TEST_F(SuspectsTest, WhoStartedWithTheHarmExplainsItAndWhoAlwaysRanDoesNot) {
  run(50, 0, {0, 8});
  run(5, 6, {2, 8});
  const auto ranking = rank(5);
  ASSERT_EQ(ranking.size(), 2u);
  EXPECT_EQ(ranking[0].cgroup.inode, 10u);
  EXPECT_DOUBLE_EQ(ranking[0].correlation, 1);
  EXPECT_TRUE(ranking[0].explains);
  EXPECT_NEAR(ranking[1].correlation, 5.0 / 55, 1e-6);
  EXPECT_FALSE(ranking[1].explains);
}

// The formula by hand: uses 1, 1 and 2 at deviations 0, 2 and 4.
TEST_F(SuspectsTest, TheCorrelationIsTheUseWeightedMeanOfClippedDeviations) {
  step(0, {1});
  step(2, {1});
  step(40, {2});
  EXPECT_NEAR(rank(3)[0].correlation, (1 * 0.0 + 1 * 0.5 + 2 * 1.0) / 4, 1e-6);
}

TEST_F(SuspectsTest, RunningWhileTheVictimWasFineSpeaksForASuspect) {
  run(10, -4, {4, 0});
  run(10, 4, {0, 4});
  const auto ranking = rank(20);
  EXPECT_EQ(ranking[0].cgroup.inode, 11u);
  EXPECT_NEAR(ranking[1].correlation, -1, 1e-6);
}

// Most windows of a long incident look alike: use that never changed has a high
// sum, and explains nothing nevertheless.
TEST_F(SuspectsTest, InALongIncidentConstantUseStillExplainsNothing) {
  run(80, 6, {8, 4});
  for (const Suspect& suspect : rank(60)) {
    EXPECT_GT(suspect.correlation, 0.9);
    EXPECT_FALSE(suspect.explains);
  }
}

TEST_F(SuspectsTest, AmongEqualsTheLargerUserComesFirst) {
  run(50, 0, {0, 0, 0});
  run(5, 6, {2, 8, 4});
  const auto ranking = rank(5);
  EXPECT_EQ(ranking[0].cgroup.inode, 11u);
  EXPECT_EQ(ranking[1].cgroup.inode, 12u);
  EXPECT_EQ(ranking[2].cgroup.inode, 10u);
}

TEST_F(SuspectsTest, ASmallUserIsNoSuspect) {
  run(50, 0, {0, 0});
  run(5, 6, {0.2, 0.3});
  const auto ranking = rank(5);
  ASSERT_EQ(ranking.size(), 1u);
  EXPECT_EQ(ranking[0].cgroup.inode, 11u);
}

// Its mean over the whole history would be under the minimum.
TEST_F(SuspectsTest, UseIsMeasuredSinceTheOnset) {
  run(57, 0, {0});
  run(3, 6, {4});
  const auto ranking = rank(3);
  ASSERT_EQ(ranking.size(), 1u);
  EXPECT_NEAR(ranking[0].cpus, 4, 1e-6);
  EXPECT_NEAR(ranking[0].busiest_cpus, 4, 1e-6);
}

TEST_F(SuspectsTest, TheVictimItselfIsNeverASuspect) {
  for (int i = 0; i < 5; ++i) {
    now_ += kWindow;
    suspects_.observe({batch(kVictim.inode, 4)}, now_);
    suspects_.observe(kVictim, Signal::cpi, 6);
  }
  EXPECT_TRUE(rank(5).empty());
}

TEST_F(SuspectsTest, WithoutBatchThereIsNobodyToSuspect) {
  run(10, 6, {});
  EXPECT_TRUE(rank(5).empty());
}

TEST_F(SuspectsTest, AVictimNeverMeasuredHasNoSuspects) {
  run(10, 6, {4});
  Incident incident;
  incident.victim = {1, 99, "/other"};
  EXPECT_TRUE(suspects_.rank(incident).empty());
  incident.victim = kVictim;
  incident.signal = Signal::cpu_wait;
  EXPECT_TRUE(suspects_.rank(incident).empty());
}

TEST_F(SuspectsTest, WindowsWithoutAMeasurementSayNothing) {
  run(5, 6, {4});
  for (int i = 0; i < 5; ++i) {
    now_ += kWindow;
    suspects_.observe({batch(10, 4)}, now_);
  }
  EXPECT_NEAR(rank(10)[0].correlation, 1, 1e-6);
}

TEST_F(SuspectsTest, ASuspectThatRanOnlyWhileNothingWasMeasuredIsNoSuspect) {
  run(30, 0, {});
  now_ += kWindow;
  suspects_.observe({batch(10, 8)}, now_);
  run(3, 6, {});
  EXPECT_TRUE(rank(4).empty());
}

TEST_F(SuspectsTest, ASampleWithoutCpuUseIsNotAFault) {
  Sample unread = batch(10, 0);
  unread.cpus.reset();
  now_ += kWindow;
  suspects_.observe({unread}, now_);
  suspects_.observe(kVictim, Signal::cpi, 6);
  EXPECT_TRUE(rank(1).empty());
}

TEST_F(SuspectsTest, WhoIsGoneForTheWholeHistoryIsForgotten) {
  run(10, 0, {4, 4});
  EXPECT_EQ(suspects_.size(), 2u);
  run(59, 0, {4});
  EXPECT_EQ(suspects_.size(), 2u);
  run(1, 0, {4});
  EXPECT_EQ(suspects_.size(), 1u);
}

TEST_F(SuspectsTest, TheOrderDoesNotDependOnTheOrderOfTheSamples) {
  Random random(11);
  Suspects reversed{SuspectsConfig{}};
  for (int i = 0; i < 60; ++i) {
    now_ += kWindow;
    std::vector<Sample> samples;
    for (int j = 0; j < 40; ++j) {
      samples.push_back(batch(10 + j, random.uniform(0, 4)));
    }
    const double deviation = 2 * random.normal();
    suspects_.observe(samples, now_);
    suspects_.observe(kVictim, Signal::cpi, deviation);
    reversed.observe({samples.rbegin(), samples.rend()}, now_);
    reversed.observe(kVictim, Signal::cpi, deviation);
  }
  Incident incident;
  incident.victim = kVictim;
  incident.onset = now_ - 9 * kWindow;
  const auto ranking = suspects_.rank(incident);
  const auto other = reversed.rank(incident);
  ASSERT_EQ(ranking.size(), other.size());
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    EXPECT_EQ(ranking[i].cgroup.inode, other[i].cgroup.inode);
  }
}

TEST_F(SuspectsTest, ACorrelationIsWithinMinusOneAndOneWhateverComes) {
  Random random(5);
  for (int i = 0; i < 500; ++i) {
    const double wild = std::exp(20 * random.normal());
    step(random.uniform() < 0.5 ? -wild : wild,
         {random.uniform(0, 64), random.uniform() < 0.9 ? 0 : 1e6});
    for (const Suspect& suspect : rank(5)) {
      EXPECT_LE(std::abs(suspect.correlation), 1 + 1e-6);
    }
  }
}

}  // namespace
}  // namespace cpi
