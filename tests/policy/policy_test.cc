#include "policy/policy.h"

#include "policy/stage.h"

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

using PolicyTest = PolicyStage;

TEST_F(PolicyTest, WithoutAnIncidentNothingIsDoneAndNobodyRanked) {
  suspect(10, 4, 1);
  run(minutes(10));
  EXPECT_TRUE(decision_.actions.empty());
  EXPECT_EQ(ranked_, 0);
}

TEST_F(PolicyTest, WhoExplainsTheHarmIsCutByHalf) {
  suspect(10, 4, 0.9);
  suspect(11, 8);
  harm(5);
  tick();
  ASSERT_TRUE(action<Lower>());
  EXPECT_EQ(action<Lower>()->cgroup, container(10));
  EXPECT_EQ(action<Lower>()->before, 4000);
  EXPECT_EQ(action<Lower>()->quota, 2000);
  EXPECT_EQ(action<Lower>()->lease, config_.throttle.lease);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::explains);
  EXPECT_EQ(decision_.actions[0].workload, "train");
  EXPECT_FALSE(decision_.actions[0].dry_run);
}

TEST_F(PolicyTest, AnActionSpendsTheEvidence) {
  suspect(10, 4, 0.9);
  harm(5);
  tick();
  EXPECT_TRUE(decision_.spent);
  run(minutes(1));
  EXPECT_FALSE(decision_.spent);
  EXPECT_EQ(quota(10), 2000);
  harm(4);
  tick();
  EXPECT_EQ(quota(10), 1000);
}

// Two signals of one victim: the action has spent the evidence of both.
TEST_F(PolicyTest, AnActionSpendsWhatOtherVictimsShowedToo) {
  suspect(10, 4, 0.9);
  Incident other;
  other.victim = {1, 2, "/db"};
  other.service = "db";
  other.effective = now_;
  other.may_act = true;
  other.effects = 1;
  other.deviation = 4;
  other.incident_class = IncidentClass::strong;
  other.evidence.resize(20);
  for (Evidence& e : other.evidence) e.score.deviation = 4;
  harm(5);
  const auto both = [&] {
    now_ += kWindow;
    Situation situation;
    situation.now = now_;
    situation.window = kWindow;
    situation.victims.add({"web", {1, 1, "/web"}, {&incident_}, {}, {}, true});
    situation.victims.add({"db", {1, 2, "/db"}, {&other}, {}, {}, true});
    situation.batch.add({container(10), "train", 4, {}});
    return policy_->decide(situation,
                           [&](const Incident&) { return &ranking_; });
  };
  const Decision decision = both();
  EXPECT_TRUE(decision.spent);
  EXPECT_EQ(both().actions.size(), 0u);
}

TEST_F(PolicyTest, ADeclarationIsWhereTheFirstCutStarts) {
  suspect(10, 4, 0.9);
  harm(5);
  Situation situation;
  situation.now = now_ + kWindow;
  situation.window = kWindow;
  situation.victims.add({"web", {1, 1, "/web"}, {&incident_}, {}, {}, true});
  situation.batch.add({container(10), "train", 4, 2000});
  const Decision decision =
      policy_->decide(situation, [&](const Incident&) { return &ranking_; });
  EXPECT_EQ(std::get<Lower>(decision.actions[0].verb).quota, 1000);
}

TEST_F(PolicyTest, AnIncidentThatMayNotBeActedOnIsOnlyTold) {
  suspect(10, 4, 0.9);
  harm(5);
  incident_.may_act = false;
  tick();
  EXPECT_TRUE(decision_.actions.empty());
  ASSERT_EQ(decision_.notices.size(), 1u);
  EXPECT_EQ(decision_.notices[0].kind, Notice::Kind::harmed);
}

TEST_F(PolicyTest, ForAServicesOwnDoingNobodyIsBlamed) {
  suspect(10, 4, 0.9);
  harm(5);
  incident_.own_doing = true;
  tick();
  EXPECT_TRUE(decision_.actions.empty());
  EXPECT_EQ(decision_.notices[0].why.reason, Reason::own_doing);
}

TEST_F(PolicyTest, AnIncidentWithoutSuspectsIsOnlyTold) {
  harm(5);
  tick();
  EXPECT_TRUE(decision_.actions.empty());
  EXPECT_EQ(decision_.notices.size(), 1u);
  EXPECT_TRUE(decision_.own_doing.empty());
}

// --- trials

TEST_F(PolicyTest, WithoutAnExplanationOneSuspectIsProbedAtATime) {
  suspect(11, 8);
  suspect(10, 4);
  harm(5);
  tick();
  EXPECT_EQ(count<Lower>(), 1);
  EXPECT_EQ(quota(11), 4000);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::probe);
}

TEST_F(PolicyTest, AMildIncidentIsProbedOnlyIfItLasts) {
  suspect(10, 4);
  harm(1.5);
  tick();
  EXPECT_TRUE(decision_.actions.empty());
  EXPECT_TRUE(decision_.notices.empty());
  harm_lasts(12);
  tick();
  EXPECT_EQ(count<Lower>(), 1);
}

TEST_F(PolicyTest, AKnownCulpritIsNotCutForHarmThatMayBeChance) {
  suspect(10, 4, 0.9);
  harm(5);
  tick();
  recover();
  run(hours(2));
  ASSERT_EQ(quota(10), 0);
  ranking_[0].explains = false;
  harm(1.5);
  tick();
  EXPECT_TRUE(decision_.actions.empty());
  harm_lasts(12);
  tick();
  ASSERT_EQ(count<Lower>(), 1);
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::known);
}

TEST_F(PolicyTest, NoneLeavesEverybodyAlone) {
  config_.when_unattributed = "none";
  restart();
  suspect(10, 4);
  harm(5);
  tick();
  EXPECT_TRUE(decision_.actions.empty());
}

TEST_F(PolicyTest, AllTurnsEverybodyDown) {
  config_.when_unattributed = "all";
  restart();
  suspect(10, 4);
  suspect(11, 8);
  harm(5);
  tick();
  EXPECT_EQ(count<Lower>(), 2);
}

TEST_F(PolicyTest, WhoMakesNoDifferenceIsLetGoAndTheNextIsTried) {
  suspect(11, 8);
  suspect(10, 4);
  for (int i = 0; i < 3; ++i) {
    harm(5);
    tick();
  }
  ASSERT_TRUE(action<Release>());
  EXPECT_EQ(action<Release>()->cgroup, container(11));
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::harmless);
  EXPECT_EQ(quota(11), 0);
  EXPECT_EQ(quota(10), 2000);
  EXPECT_TRUE(decision_.spent);
}

TEST_F(PolicyTest, OneWhoIsExoneratedIsSuspectedAgainAfterAWhile) {
  suspect(10, 4, 0.9);
  for (int i = 0; i < 3; ++i) {
    harm(5);
    tick();
  }
  EXPECT_EQ(quota(10), 0);
  recover();
  tick();
  harm(5);
  tick();
  EXPECT_EQ(quota(10), 0);
  recover();
  run(config_.effect.exonerated_for);
  harm(5);
  tick();
  EXPECT_EQ(quota(10), 2000);
}

TEST_F(PolicyTest, HarmThatEndsConvictsWhoWasOnTrial) {
  suspect(11, 8);
  suspect(10, 4);
  harm(5);
  tick();
  recover();
  tick();
  const PolicyState& state = policy_->state();
  ASSERT_EQ(state.records.size(), 1u);
  ASSERT_EQ(state.records[0].guilts.size(), 1u);
  EXPECT_EQ(state.records[0].guilts[0].proofs, 1);
  EXPECT_GT(state.records[0].guilts[0].until, now_);
}

// A hole, a new executable, an accepted change: nobody saw it end.
TEST_F(PolicyTest, AnIncidentThatIsLostConvictsNobodyAndLetsGo) {
  suspect(11, 8);
  suspect(10, 4);
  harm(5);
  tick();
  recover();
  voided_ = true;
  tick();
  ASSERT_TRUE(action<Release>());
  EXPECT_EQ(decision_.actions[0].why.reason, Reason::unproven);
  EXPECT_TRUE(policy_->state().records[0].guilts.empty());
  EXPECT_TRUE(policy_->state().exonerations.empty());
}

TEST_F(PolicyTest, AMissingMeasurementEndsNoTrial) {
  suspect(10, 4);
  harm(5);
  tick();
  measured_ = false;
  tick();
  present_ = false;
  tick();
  EXPECT_TRUE(policy_->state().cases[0].trial);
  EXPECT_TRUE(policy_->state().records[0].guilts.empty());
}

TEST_F(PolicyTest, OneOfSeveralCulpritsStaysDownWhileTheNextIsTried) {
  suspect(11, 8);
  suspect(10, 8);
  harm(8);
  tick();
  harm(7);
  tick();
  harm(5.2);
  tick();
  EXPECT_EQ(quota(11), 2000);
  EXPECT_EQ(quota(10), 4000);
}

TEST_F(PolicyTest, WhenNoSingleOneMattersAllAreTriedTogether) {
  suspect(11, 8);
  suspect(10, 4);
  for (int i = 0; i < 5; ++i) {
    harm(5);
    tick();
  }
  EXPECT_EQ(count<Lower>(), 2);
  EXPECT_EQ(decision_.actions.back().why.reason, Reason::all_together);
}

TEST_F(PolicyTest, WhenAllTogetherMakeNoDifferenceItIsTheServicesOwnDoing) {
  suspect(11, 8);
  suspect(10, 4);
  for (int i = 0; i < 7; ++i) {
    EXPECT_TRUE(decision_.own_doing.empty());
    harm(5);
    tick();
  }
  ASSERT_EQ(decision_.own_doing.size(), 1u);
  EXPECT_EQ(decision_.own_doing[0].victim.inode, 1u);
  EXPECT_TRUE(policy_->state().throttles.empty());
  tick();
  EXPECT_EQ(decision_.own_doing.size(), 1u);
  recover();
  tick();
  EXPECT_TRUE(decision_.own_doing.empty());
}

TEST_F(PolicyTest, TheServicesOwnDoingInOneSignalIsNoneInTheOther) {
  suspect(10, 4);
  while (decision_.own_doing.empty()) {
    harm(5);
    tick();
  }
  EXPECT_EQ(decision_.own_doing[0].signal, Signal::cpi);
  const Incident own = incident_;
  incident_.signal = Signal::cpu_wait;
  incident_.effects = 0;
  harm(5);
  Situation situation;
  situation.now = now_ += kWindow;
  situation.window = kWindow;
  situation.victims = {{"web",
                        {1, 1, "/web"},
                        {&own, &incident_},
                        {true, false, true},
                        {},
                        true}};
  situation.batch = {{container(10), "train", 4, {}}};
  decision_ =
      policy_->decide(situation, [this](const Incident&) { return &ranking_; });
  EXPECT_EQ(quota(10), 2000);
  EXPECT_EQ(decision_.actions[0].why.signal, Signal::cpu_wait);
  ASSERT_EQ(decision_.own_doing.size(), 1u);
  EXPECT_EQ(decision_.own_doing[0].signal, Signal::cpi);
}

TEST_F(PolicyTest, WhoExplainsTheHarmButCannotBeHelpedIsAskedToMove) {
  suspect(10, 1.5, 0.9);
  suspect(11, 8);
  for (int i = 0; i < 3; ++i) {
    harm(4);
    tick();
  }
  ASSERT_TRUE(action<Reschedule>());
  EXPECT_TRUE(action<Freeze>());
  EXPECT_EQ(quota(10), 0);
  for (int i = 0; i < 5; ++i) {  // nor is anybody else probed in its place
    harm(4);
    tick();
    EXPECT_TRUE(decision_.actions.empty());
    EXPECT_TRUE(decision_.own_doing.empty());
  }
}

TEST_F(PolicyTest, WhenACulpritLeavesTheEvidenceIsSpent) {
  suspect(10, 4, 0.9);
  suspect(11, 8);
  harm(5);
  tick();
  tick();
  use_.erase(use_.begin());
  harm(5);
  tick();
  EXPECT_TRUE(decision_.spent);
  EXPECT_EQ(count<Lower>(), 0);
}

// --- escalation

TEST_F(PolicyTest, SevereHarmMovesTheCulpritAndFreezesTheHostAtOnce) {
  suspect(10, 4, 0.9);
  harm(8);
  tick();
  EXPECT_EQ(count<Lower>(), 1);
  EXPECT_EQ(count<Reschedule>(), 1);
  ASSERT_TRUE(action<Freeze>());
  EXPECT_GE(action<Freeze>()->length, minutes(24));
  EXPECT_LE(action<Freeze>()->length, minutes(36));
}

TEST_F(PolicyTest, ARunningFreezeIsNeverExtended) {
  suspect(10, 4, 0.9);
  harm(8);
  tick();
  const Instant end = policy_->state().frozen_until;
  suspect(11, 8, 0.9);
  ranking_[0].explains = false;
  for (int i = 0; i < 12; ++i) {
    harm(8);
    tick();
    EXPECT_FALSE(action<Freeze>());
  }
  EXPECT_EQ(policy_->state().frozen_until, end);
}

TEST_F(PolicyTest, AProbedContainerIsNotMovedHoweverSevereTheHarm) {
  suspect(10, 4);
  harm(12);
  tick();
  EXPECT_EQ(count<Lower>(), 1);
  EXPECT_FALSE(action<Reschedule>());
}

TEST_F(PolicyTest, AFreezeForTheSakeOfOthersIsNotEnded) {
  policy_->reconcile({{}, minutes(240)}, now_);
  suspect(11, 8);
  EXPECT_EQ(thaws_until_own_doing(), 0);
}

TEST_F(PolicyTest, ARoundThroughManyLetsTheFirstOffUntilTheLast) {
  for (ino_t inode = 10; inode < 40; ++inode) suspect(inode, 4);
  for (int i = 0; i < 3 * 30 + 5 && decision_.own_doing.empty(); ++i) {
    now_ += minutes(1);
    harm(5);
    tick();
  }
  EXPECT_EQ(decision_.own_doing.size(), 1u);
}

TEST_F(PolicyTest, AFreezeForNothingIsEndedEarly) {
  suspect(10, 4, 0.9);
  harm(8);
  tick();
  ASSERT_TRUE(action<Freeze>());
  use_.clear();
  ranking_.clear();
  tick();
  recover();
  tick();
  suspect(11, 8);
  EXPECT_EQ(thaws_until_own_doing(), 1);
}

TEST_F(PolicyTest, ACulpritIsCutNoMoreThanSoManyTimesAnHour) {
  suspect(10, 60, 0.9);
  int cuts = 0;
  int moves = 0;
  for (int i = 0; i < 20; ++i) {
    harm(5 / (1 + i));
    tick();
    cuts += count<Lower>();
    moves += count<Reschedule>();
  }
  EXPECT_LE(cuts, static_cast<int>(config_.escalation.max_adjustments));
  EXPECT_EQ(moves, 1);
}

// --- what is said

TEST_F(PolicyTest, AnEpisodeIsToldOnceHoweverManyIncidentsItHas) {
  suspect(10, 4, 0.9);
  int told = 0;
  for (int i = 0; i < 4; ++i) {
    harm(5);
    tick();
    told += static_cast<int>(decision_.notices.size());
    recover();
    for (int j = 0; j < 30; ++j) {
      tick();
      told += static_cast<int>(decision_.notices.size());
    }
  }
  EXPECT_EQ(told, 1);
}

TEST_F(PolicyTest, RecoveryIsToldWhenNothingIsHeldBackAnyMore) {
  suspect(10, 4, 0.9);
  harm(5);
  tick();
  recover();
  int recovered = 0;
  for (int i = 0; i < 6 * 60 * 2; ++i) {
    tick();
    for (const Notice& notice : decision_.notices) {
      EXPECT_EQ(notice.kind, Notice::Kind::recovered);
      EXPECT_TRUE(policy_->state().throttles.empty());
      ++recovered;
    }
  }
  EXPECT_EQ(recovered, 1);
  EXPECT_TRUE(policy_->state().cases.empty());
}

TEST_F(PolicyTest, StarvationHasTheSameRemedies) {
  suspect(10, 4, 0.9);
  harm(5);
  incident_.signal = Signal::cpu_wait;
  tick();
  ASSERT_EQ(count<Lower>(), 1);
  EXPECT_EQ(harm_of(decision_.actions[0].why.signal), Harm::starvation);
}

// --- dry run

TEST_F(PolicyTest, ADryRunMarksEveryActionAndTellsTheSame) {
  config_.act = false;
  restart();
  suspect(10, 4, 0.9);
  harm(5);
  tick();
  ASSERT_EQ(count<Lower>(), 1);
  EXPECT_TRUE(decision_.actions[0].dry_run);
  EXPECT_EQ(action<Lower>()->quota, 2000);
  EXPECT_EQ(decision_.notices.size(), 1u);
}

// The container goes on using four CPUs, so nothing can be learned from it.
TEST_F(PolicyTest, ADryRunDrawsNoConclusionsFromWhatWasNotDone) {
  config_.act = false;
  obeys_ = false;
  restart();
  suspect(10, 4, 0.9);
  suspect(11, 8);
  harm(5);
  tick();
  for (int i = 0; i < 20; ++i) {
    harm(5);
    tick();
    EXPECT_EQ(count<Lower>() + count<Release>() + count<Reschedule>(), 0);
    EXPECT_TRUE(decision_.own_doing.empty());
  }
  EXPECT_EQ(quota(10), 2000);
}

}  // namespace
}  // namespace cpi
