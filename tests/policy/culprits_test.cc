#include <gtest/gtest.h>

#include "policy/guilt.h"
#include "policy/ledger.h"
#include "policy/stage.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const CgroupId kOther{1, 2, "/db"};

// One of two containers that nothing tells apart has been found out, and is
// held at half of its 8 CPUs.
class CulpritsTest : public PolicyStage {
 protected:
  CulpritsTest() {
    suspect(10, 8);
    suspect(11, 8);
    harm(8);
    tick();
    recover();
    tick();
    EXPECT_EQ(quota(10), 4000);
  }
  void harm_for_long(double deviation) {
    harm(deviation);
    harm_lasts(12);
  }
  const Guilt* guilt() const {
    return find_guilt(policy_->state(), container(10), complaint_, now_);
  }

  // It is cut for new harm, which ends.
  void convict_again(double deviation) {
    harm_for_long(deviation);
    EXPECT_EQ(tick().actions[0].why.reason, Reason::known);
    EXPECT_TRUE(action<Lower>());
    recover();
    tick();
  }

  const Complaint complaint_{{1, 1, "/web"}, Signal::cpi};
};

TEST_F(CulpritsTest, WhatIsLeftOfTheirHarmIsNotLookedForElsewhere) {
  harm_for_long(4);
  tick();
  EXPECT_EQ(quota(10), 2000);
  EXPECT_EQ(quota(11), 0);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::known);
}

TEST_F(CulpritsTest, MoreHarmThanTheyCanDoIsLookedForElsewhere) {
  harm_for_long(8);
  tick();
  EXPECT_EQ(quota(10), 4000);
  EXPECT_EQ(quota(11), 4000);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::probe);
}

// Halving little changes less than can be seen.
TEST_F(CulpritsTest, OneWhoseCutsHaveHelpedIsPutBackNotLetGo) {
  for (int i = 0; i < 3; ++i) {
    harm_for_long(4);
    tick();
  }
  EXPECT_EQ(quota(10), 4000);
  EXPECT_FALSE(action<Release>());
  EXPECT_TRUE(guilt());
  EXPECT_EQ(policy_->state().exonerations.size(), 1u);
}

TEST_F(CulpritsTest, OneWhoseCutsHaveNotHelpedIsLetGo) {
  use_.pop_back();
  for (int i = 0; i < 3; ++i) {
    harm_for_long(8);
    tick();
  }
  EXPECT_EQ(quota(10), 0);
  EXPECT_TRUE(action<Release>());
  EXPECT_FALSE(guilt());
}

// Jobs have phases: that it hurt once shields nobody else for ever.
TEST_F(CulpritsTest, OneThatHadItsCpuAndIsTriedInVainIsAcquitted) {
  run(hours(1));
  ASSERT_EQ(quota(10), 0);
  ASSERT_TRUE(guilt());
  for (int i = 0; i < 3; ++i) {
    harm_for_long(4);
    tick();
  }
  EXPECT_FALSE(guilt());
  EXPECT_EQ(quota(10), 0);
  EXPECT_EQ(quota(11), 4000);
}

TEST_F(CulpritsTest, WhenAVictimHasBeenWellForLongWhatItSufferedIsForgotten) {
  run(hours(2));
  EXPECT_TRUE(policy_->state().cases.empty());
  EXPECT_FALSE(find_unthrottled(policy_->state(), container(10), complaint_));
}

TEST_F(CulpritsTest, HarmThatReturnsWithItsCpuProvesItOnceMore) {
  run(minutes(3));
  ASSERT_EQ(quota(10), 4800);
  convict_again(5);
  EXPECT_EQ(guilt()->proofs, 2);
}

// A service may be slow by itself from time to time.
TEST_F(CulpritsTest, MoreHarmThanItDidWithItsCpuProvesNothing) {
  run(minutes(3));
  ASSERT_EQ(quota(10), 4800);
  convict_again(12);
  EXPECT_EQ(guilt()->proofs, 1);
}

TEST_F(CulpritsTest, HarmLongAfterItGotItsCpuBackProvesNothing) {
  run(minutes(18));
  ASSERT_EQ(quota(10), 7200);
  convict_again(5);
  EXPECT_EQ(guilt()->proofs, 1);
}

TEST_F(CulpritsTest, HarmLongAfterItWasReleasedProvesNothing) {
  run(hours(1));
  ASSERT_EQ(quota(10), 0);
  convict_again(5);
  EXPECT_EQ(guilt()->proofs, 1);
}

// It takes long to be seen.
TEST_F(CulpritsTest, LittleHarmOfLittleCpuIsAProofHoweverLate) {
  harm_for_long(4);
  tick();
  harm_for_long(3);
  tick();
  ASSERT_EQ(quota(10), 1000);
  recover();
  run(minutes(15));
  ASSERT_LT(quota(10), 3000);
  const int before = guilt()->proofs;
  convict_again(1.5);
  EXPECT_EQ(guilt()->proofs, before + 1);
}

TEST_F(CulpritsTest, HarmThatItsUseExplainsIsAProofHoweverLate) {
  run(minutes(18));
  ASSERT_EQ(quota(10), 7200);
  for (Suspect& s : ranking_) s.explains = true;
  harm_for_long(5);
  tick();
  ASSERT_TRUE(action<Lower>());
  recover();
  tick();
  EXPECT_EQ(guilt()->proofs, 2);
}

// One verdict may have been chance.
TEST_F(PolicyStage, WhereACulpritCannotBeTheCauseTheServiceItselfHasChanged) {
  suspect(10, 8);
  for (int i = 0; i < 8 && decision_.own_doing.empty(); ++i) {
    harm(i == 0 ? 8 : 5.5);
    tick();
  }
  EXPECT_TRUE(is_guilty(policy_->state(), container(10), now_));
  EXPECT_EQ(quota(10), 2000);
  EXPECT_EQ(decision_.own_doing.size(), 1u);
}

TEST_F(CulpritsTest, AChargeByOneVictimLeavesThoseOfOthers) {
  Record record;
  charge(record, complaint_, Instant(hours(1))).proofs = 2;
  charge(record, {kOther, Signal::cpi}, Instant(hours(2)));
  charge(record, complaint_, Instant(hours(3))).explained = true;
  ASSERT_EQ(record.guilts.size(), 2u);
  EXPECT_EQ(record.guilts.back().complaint, complaint_);
  EXPECT_EQ(record.guilts.back().proofs, 2);
  EXPECT_EQ(record.guilts.back().until, Instant(hours(3)));
}

TEST_F(CulpritsTest, AnAcquittalByOneVictimLeavesWhatOthersKnow) {
  PolicyState state = policy_->state();
  const Complaint others{kOther, Signal::cpi};
  charge(record_of(state, container(10)), others, now_ + hours(1));
  acquit(state, container(10), others, now_);
  EXPECT_TRUE(find_guilt(state, container(10), complaint_, now_));
  EXPECT_GT(state.records.find(container(10))->harmful, 0);
  acquit(state, container(10), complaint_, now_);
  EXPECT_FALSE(is_guilty(state, container(10), now_));
  EXPECT_EQ(state.records.find(container(10))->harmful, 0);
}

TEST_F(CulpritsTest, TheWorstThatWasSeenIsWhatTheyAreHeldAgainst) {
  const Unthrottled* then =
      find_unthrottled(policy_->state(), container(10), complaint_);
  ASSERT_TRUE(then);
  EXPECT_EQ(then->harm.deviation, 8);
  EXPECT_FALSE(find_unthrottled(policy_->state(), container(11), complaint_));
}

}  // namespace
}  // namespace cpi
