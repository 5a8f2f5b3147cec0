#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "policy/stage.h"

namespace cpi {
namespace {

using std::chrono::minutes;

// Forty containers, of which nothing tells the culprit.
class CrowdTest : public PolicyStage {
 protected:
  CrowdTest() {
    for (ino_t inode = 100; inode < 140; ++inode) suspect(inode, 4);
  }
  std::vector<ino_t> held_down() const {
    std::vector<ino_t> held;
    for (const Throttle& throttle : policy_->state().throttles) {
      held.push_back(throttle.cgroup.inode);
    }
    return held;
  }
  std::size_t guilty() const {
    const auto& records = policy_->state().records;
    return static_cast<std::size_t>(
        std::count_if(records.begin(), records.end(),
                      [](const Record& r) { return !r.guilts.empty(); }));
  }
};

TEST_F(CrowdTest, SeveralAreTriedAtATime) {
  harm(5);
  tick();
  EXPECT_EQ(held_down(), (std::vector<ino_t>{100, 101, 102, 103}));
}

TEST_F(CrowdTest, InAFewTrialsAllHaveBeenTried) {
  int trials = 0;
  while (decision_.own_doing.empty() && trials < 100) {
    harm(5);
    trials += tick().actions.size() > 0;
  }
  // Two cuts and a verdict for each of ten groups, and for all together; a
  // verdict and the next first cut are one.
  EXPECT_EQ(trials, 2 * 11 + 1);
  EXPECT_TRUE(held_down().empty());
}

TEST_F(CrowdTest, WhenHarmEndsHalfOfTheGroupIsLetGoAtATime) {
  harm(5);
  tick();
  recover();
  tick();
  EXPECT_EQ(held_down().size(), 4u);
  EXPECT_EQ(guilty(), 0u);
  run(config_.throttle.quiet_time);
  EXPECT_EQ(held_down(), (std::vector<ino_t>{100, 101}));
  run(config_.throttle.quiet_time);
  EXPECT_EQ(held_down(), (std::vector<ino_t>{100}));
  EXPECT_EQ(guilty(), 0u);
  run(config_.throttle.quiet_time);
  EXPECT_EQ(guilty(), 1u);
}

TEST_F(CrowdTest, WhenHarmLessensHalfOfTheGroupIsLetGoAtOnce) {
  harm(8);
  tick();
  harm(4);
  tick();
  harm(2);
  tick();
  EXPECT_EQ(held_down(), (std::vector<ino_t>{100, 101}));
  EXPECT_EQ(guilty(), 0u);
}

TEST_F(CrowdTest, HarmThatReturnsShowsThatItWasTheOtherHalf) {
  harm(5);
  tick();
  recover();
  run(config_.throttle.quiet_time + 2 * kWindow);
  ASSERT_EQ(held_down(), (std::vector<ino_t>{100, 101}));
  for (int i = 0; i < 2; ++i) {
    harm(5);
    tick();
  }
  EXPECT_EQ(guilty(), 0u);
  EXPECT_EQ(held_down(), (std::vector<ino_t>{102, 103, 104, 105}));
}

// It would show nothing if its quotas were raised meanwhile.
TEST_F(CrowdTest, AGroupOnTrialKeepsItsQuotasInTheCalm) {
  harm(5);
  tick();
  recover();
  for (int i = 0; i < 40; ++i) {
    tick();
    if (guilty() > 0) break;
    EXPECT_FALSE(action<Raise>());
  }
  EXPECT_EQ(guilty(), 1u);
}

// All other victims are waiting.
TEST_F(CrowdTest, AnAnomalyNowAndThenDoesNotKeepAGroupOnTrial) {
  harm(5);
  tick();
  recover();
  anomaly_ = true;
  run(5 * config_.throttle.quiet_time);
  EXPECT_EQ(held_down().size(), 2u);
}

// Nobody can tell whether the others had anything to do with it.
TEST_F(CrowdTest, OneThatEndsInTheMiddleConvictsNobody) {
  harm(5);
  tick();
  std::erase_if(use_, [](const auto& use) { return use.first == 103; });
  recover();
  tick();
  EXPECT_EQ(guilty(), 0u);
  run(minutes(3));
  EXPECT_EQ(held_down().size(), 0u);
}

// Nobody would ever let it go.
TEST_F(CrowdTest, AGroupWhoseVictimHasGoneGetsItsCpuBack) {
  harm(5);
  tick();
  recover();
  present_ = false;
  run(minutes(60));
  EXPECT_TRUE(held_down().empty());
}

// One who must not be touched may be the culprit: then trying the others again
// and again is of no use.
TEST_F(CrowdTest, WhoIsTriedInVainTwiceIsLetOffForLonger) {
  const auto try_all = [this] {
    int windows = 0;
    for (; windows < 200; ++windows) {
      harm(5);
      tick();
      policy_->report({container(100), ActionOutcome::Kind::refused, 0}, now_);
      if (decision_.actions.empty() && held_down().empty()) break;
    }
    return windows;
  };
  const Duration round = config_.effect.exonerated_for;
  EXPECT_GT(try_all(), 20);
  EXPECT_TRUE(decision_.own_doing.empty());
  now_ += round;
  EXPECT_GT(try_all(), 20);
  now_ += round;
  EXPECT_LE(try_all(), 1);  // to see whether it must still not be touched
  now_ += 7 * round;
  EXPECT_GT(try_all(), 20);
}

// New ones come all the time: they must not keep the first from its turn, nor
// be remembered for ever.
TEST_F(CrowdTest, WhereContainersComeAndGoNobodyIsLetOffForEver) {
  config_.effect.exonerated_for = minutes(10);
  restart();
  ino_t next = 1000;
  int times = 0;
  for (int i = 0; i < 1000; ++i) {
    if (i % 2 == 0) {
      use_.erase(use_.begin() + 1);
      ranking_.erase(ranking_.begin() + 1);
      suspect(next++, 4);
    }
    harm(5);
    tick();
    times += quota(100) == 2000;
  }
  EXPECT_GT(times, 2);
  EXPECT_LE(policy_->state().exonerations.size(), 41u);
}

}  // namespace
}  // namespace cpi
