#include "policy/recovery.h"

#include "policy/ledger.h"
#include "policy/stage.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class RecoveryTest : public PolicyStage {
 protected:
  // Container 10 has been cut to 2000, and the harm is over.
  RecoveryTest() {
    suspect(10, 4, 0.9);
    harm(5);
    tick();
    recover();
  }
  Throttle live() const { return policy_->state().throttles[0]; }
  ActionOutcome outcome(ActionOutcome::Kind kind, Millicores quota = 0) {
    return {container(10), kind, quota};
  }
};

TEST_F(RecoveryTest, CpuIsGivenBackInStepsAndThenTheOriginal) {
  std::vector<Millicores> quotas;
  for (int i = 0; i < 6 * 60; ++i) {
    tick();
    if (action<Raise>()) quotas.push_back(action<Raise>()->quota);
    if (action<Release>()) break;
  }
  EXPECT_EQ(quotas, (std::vector<Millicores>{2400, 2800, 3200, 3600}));
  EXPECT_TRUE(action<Release>());
  EXPECT_EQ(quota(10), 0);
}

TEST_F(RecoveryTest, NoStepComesBeforeTheQuietTime) {
  run(config_.throttle.quiet_time - kWindow);
  EXPECT_EQ(quota(10), 2000);
  tick();
  EXPECT_EQ(quota(10), 2400);
}

TEST_F(RecoveryTest, NothingIsGivenBackWhileTheVictimIsHarmed) {
  harm(2);
  incident_.effects = 0;  // incomplete: nothing is done about it either
  run(minutes(30));
  EXPECT_EQ(quota(10), 2000);
}

TEST_F(RecoveryTest, ALeaseIsRenewedBeforeItEnds) {
  harm(2);
  incident_.effects = 0;
  int renewals = 0;
  for (int i = 0; i < 60; ++i) {
    tick();
    EXPECT_GT(live().leased_until, now_);
    if (!action<Renew>()) continue;
    ++renewals;
    EXPECT_EQ(action<Renew>()->quota, 2000);
  }
  EXPECT_EQ(renewals, 10);
}

TEST_F(RecoveryTest, NobodyIsThrottledLongerThanADayAllows) {
  harm(2);
  incident_.effects = 0;
  const Instant since = live().since;
  Instant ended{};
  for (int i = 0; i < 6 * 60 * 3 && ended == Instant{}; ++i) {
    tick();
    if (action<Release>()) ended = now_;
  }
  EXPECT_LE(ended - since, config_.throttle.max_throttled_time);
  EXPECT_GE(ended - since, config_.throttle.max_throttled_time - minutes(1));
  harm(5);
  tick();
  EXPECT_EQ(quota(10), 0);
}

// It was well because somebody was held back, and nobody is any more.
TEST_F(RecoveryTest, NobodyIsCalledWellAtOnceWhenTheTimeIsUp) {
  config_.throttle.hold_time = hours(3);  // held down for longer than allowed
  restart();
  harm(5);
  tick();
  recover();
  std::optional<Instant> ended;
  std::optional<Instant> recovered;
  for (int i = 0; i < 6 * 60 * 8 && !recovered; ++i) {
    tick();
    if (action<Release>()) ended = now_;
    for (const Notice& notice : decision_.notices) {
      if (notice.kind == Notice::Kind::recovered) recovered = now_;
    }
  }
  ASSERT_TRUE(ended && recovered);
  EXPECT_EQ(*recovered - *ended, config_.throttle.hold_time);
}

TEST_F(RecoveryTest, AProvenCulpritIsAskedToMoveBeforeItsThrottleEnds) {
  tick();  // convicted
  harm(2);
  incident_.effects = 0;
  Instant asked{};
  Instant ended{};
  for (int i = 0; i < 6 * 60 * 3; ++i) {
    tick();
    if (action<Reschedule>()) asked = now_;
    if (action<Release>()) ended = now_;
  }
  EXPECT_GE(ended - asked, minutes(9));
  EXPECT_LE(ended - asked, minutes(10));
}

TEST_F(RecoveryTest, AContainerThatIsNotSeenIsLeftToItsLease) {
  use_.clear();
  for (int i = 0; i < 11; ++i) {
    tick();
    EXPECT_TRUE(decision_.actions.empty());
  }
  EXPECT_EQ(policy_->state().throttles.size(), 1u);
  tick();
  EXPECT_TRUE(policy_->state().throttles.empty());
}

TEST_F(RecoveryTest, HarmThatReturnsIsMetAtOnceAndRememberedLonger) {
  run(minutes(7));
  ASSERT_EQ(quota(10), 3200);
  ranking_[0].explains = false;
  ranking_[0].correlation = 0.1;
  harm(5);
  tick();
  EXPECT_EQ(quota(10), 1600);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::known);
  EXPECT_EQ(policy_->state().records[0].hold, minutes(60));
  EXPECT_EQ(policy_->state().records[0].harmful, 3200);
}

// --- restarts

TEST_F(RecoveryTest, ARestartChangesNothing) {
  restart();
  tick();
  EXPECT_EQ(quota(10), 2000);
  EXPECT_FALSE(action<Release>());
  EXPECT_TRUE(decision_.notices.empty());
}

// Nobody would ever find out about it.
TEST_F(RecoveryTest, WhoWasOnTrialAtARestartIsLetGo) {
  ranking_.clear();
  use_.clear();
  suspect(11, 8);
  harm(5);
  tick();
  ASSERT_EQ(quota(11), 4000);
  restart();
  tick();
  EXPECT_EQ(quota(11), 0);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::unproven);
  EXPECT_TRUE(decision_.spent);
}

TEST_F(RecoveryTest, ARestartDuringATrialConvictsNobody) {
  ranking_[0].stands_out = false;
  open_ = true;
  harm(5);
  tick();
  recover();
  restart();
  tick();
  ASSERT_EQ(policy_->state().records[0].guilts.size(), 1u);
  EXPECT_EQ(policy_->state().records[0].guilts[0].proofs, 0);
}

TEST_F(RecoveryTest, AnAgentThatWasDownForTooLongFindsItsThrottlesEnded) {
  now_ += minutes(5);
  restart();
  tick();
  EXPECT_TRUE(policy_->state().throttles.empty());
  const Record& record = policy_->state().records[0];
  ASSERT_EQ(record.throttled.size(), 1u);
  EXPECT_EQ(record.throttled[0].end - record.throttled[0].begin,
            config_.throttle.lease);
}

// --- what the helper says

TEST_F(RecoveryTest, AForeignQuotaIsLeftAlone) {
  policy_->report(outcome(ActionOutcome::Kind::foreign), now_);
  EXPECT_EQ(quota(10), 0);
  harm(5);
  tick();
  EXPECT_TRUE(decision_.actions.empty());
}

TEST_F(RecoveryTest, AGoneContainerIsForgotten) {
  policy_->report(outcome(ActionOutcome::Kind::gone), now_);
  EXPECT_TRUE(policy_->state().throttles.empty());
}

TEST_F(RecoveryTest, ACutThatFailedDidNotHappen) {
  policy_->report(outcome(ActionOutcome::Kind::failed), now_);
  EXPECT_TRUE(policy_->state().throttles.empty());
  harm(5);
  tick();
  EXPECT_EQ(quota(10), 2000);
}

TEST_F(RecoveryTest, AFurtherCutThatFailedLeavesTheFirst) {
  harm(5);
  tick();
  ASSERT_EQ(quota(10), 1000);
  policy_->report(outcome(ActionOutcome::Kind::failed), now_);
  EXPECT_EQ(quota(10), 2000);
}

TEST_F(RecoveryTest, ARenewalThatFailsLeavesTheThrottle) {
  policy_->report(outcome(ActionOutcome::Kind::done, 2000), now_);
  policy_->report(outcome(ActionOutcome::Kind::failed), now_);
  EXPECT_EQ(quota(10), 2000);
  EXPECT_EQ(live().start, 4000);
}

TEST_F(RecoveryTest, WhoMayNotBeCutKeepsNobodyElseFromBeingTried) {
  policy_->report(outcome(ActionOutcome::Kind::refused), now_);
  ranking_[0].stands_out = ranking_[0].explains = false;
  suspect(11, 8);
  harm(5);
  tick();
  EXPECT_EQ(quota(11), 4000);
}

TEST_F(RecoveryTest, WhoMayNotBeCutIsNotAskedForAgain) {
  policy_->report(outcome(ActionOutcome::Kind::refused), now_);
  harm(5);
  tick();
  EXPECT_TRUE(decision_.actions.empty());
  run(config_.throttle.hold_time);
  harm(5);
  tick();
  EXPECT_EQ(count<Lower>(), 1);
}

TEST_F(RecoveryTest, TheQuotaInForceIsWhatTheHelperSays) {
  policy_->report(outcome(ActionOutcome::Kind::done, 2500), now_);
  EXPECT_EQ(quota(10), 2500);
}

TEST_F(RecoveryTest, WhatTheHelperDoesNotKnowIsOver) {
  policy_->reconcile({}, now_);
  EXPECT_TRUE(policy_->state().throttles.empty());
}

TEST_F(RecoveryTest, WhatOnlyTheHelperKnowsIsTakenOverAndGivenBack) {
  LiveThrottle lost;
  lost.cgroup = container(11);
  lost.workload = "train";
  lost.quota = 1000;
  lost.original = 2000;
  lost.lease = minutes(2);
  LiveThrottle known;
  known.cgroup = container(10);
  known.quota = 2000;
  known.lease = minutes(2);
  policy_->reconcile({{known, lost}, {}}, now_);
  EXPECT_EQ(quota(11), 1000);
  EXPECT_EQ(quota(10), 2000);
  suspect(11, 2);
  bool released = false;
  for (int i = 0; i < 6 * 30; ++i) {
    tick();
    for (const Action& action : decision_.actions) {
      const auto* release = std::get_if<Release>(&action.verb);
      released = released || (release && release->cgroup.inode == 11);
    }
  }
  EXPECT_TRUE(released);
}

// Its original was none: there is nothing to give it back in steps of.
TEST_F(RecoveryTest, AnUnlimitedOneThatIsTakenOverIsReleasedWhenAllIsQuiet) {
  LiveThrottle lost;
  lost.cgroup = container(11);
  lost.quota = 1000;
  lost.lease = minutes(2);
  policy_->reconcile({{lost}, {}}, now_);
  suspect(11, 2);
  run(config_.throttle.quiet_time + kWindow);
  EXPECT_EQ(quota(11), 0);
}

TEST_F(RecoveryTest, ARevertedQuotaIsAppliedAgain) {
  LiveThrottle reverted;
  reverted.cgroup = container(10);
  reverted.state = LiveThrottle::State::reverted;
  reverted.lease = minutes(2);
  policy_->reconcile({{reverted}, {}}, now_);
  tick();
  ASSERT_TRUE(action<Renew>());
  EXPECT_EQ(action<Renew>()->quota, 2000);
}

TEST_F(RecoveryTest, AForeignOrGoneThrottleOfTheHelperIsOver) {
  LiveThrottle other;
  other.cgroup = container(10);
  other.state = LiveThrottle::State::foreign;
  policy_->reconcile({{other}, {}}, now_);
  EXPECT_EQ(quota(10), 0);
  EXPECT_GT(policy_->state().records[0].hands_off_until, now_);
}

TEST_F(RecoveryTest, AfterADayNothingIsRemembered) {
  run(hours(26));
  EXPECT_TRUE(policy_->state().records.empty());
  EXPECT_TRUE(policy_->state().cases.empty());
  EXPECT_TRUE(policy_->state().exonerations.empty());
}

}  // namespace
}  // namespace cpi
