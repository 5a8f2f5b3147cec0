#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/stage.h"

namespace cpi {
namespace {

// Two victims, the first of which is off worse.
class TwoVictimsTest : public PolicyStage {
 protected:
  TwoVictimsTest() {
    other_.victim = {1, 2, "/db"};
    other_.service = "db";
    other_.effective = now_;
    other_.may_act = true;
    other_.incident_class = IncidentClass::strong;
  }
  // Evidence of both is complete, once more.
  void both_harmed() {
    harm(5);
    ++other_.effects;
    other_.deviation = 4;
    other_.evidence.assign(20, {});
    for (Evidence& e : other_.evidence) e.score.deviation = 4;
  }
  const Decision& tick_both(const Ranker& rank) {
    now_ += kWindow;
    Situation situation;
    situation.now = now_;
    situation.window = kWindow;
    Victim web{"web", {1, 1, "/web"}, {}, {true}, {}, open_};
    if (open_) web.incidents.push_back(&incident_);
    situation.victims.add(std::move(web));
    situation.victims.add({"db", {1, 2, "/db"}, {&other_}, {true}, {}, true});
    for (const auto& [inode, cpus] : use_) {
      const Millicores limit = quota(inode);
      const double most = limit > 0 ? static_cast<double>(limit) / 1000 : cpus;
      situation.batch.add(
          {container(inode), "train", std::min(cpus, most), {}});
    }
    return decision_ = policy_->decide(situation, rank);
  }

  Incident other_;
};

TEST_F(TwoVictimsTest, OneWhoCannotBeHelpedDoesNotKeepTheOtherFromIt) {
  suspect(10, 4, 0.9);
  both_harmed();
  const std::vector<Suspect> nobody;
  const Ranker rank = [&](const Incident& incident) {
    return incident.service == "db" ? &ranking_ : &nobody;
  };
  tick_both(rank);  // web, which is worse, in vain
  tick_both(rank);
  ASSERT_TRUE(action<Lower>());
  EXPECT_EQ(decision_.actions[0].why.service, "db");
}

// Neither would show what helped.
TEST_F(TwoVictimsTest, OnlyOneTrialIsHeldAtATime) {
  suspect(11, 8);
  suspect(10, 4);
  const Ranker rank = [this](const Incident&) { return &ranking_; };
  both_harmed();
  tick_both(rank);
  EXPECT_EQ(quota(11), 4000);
  other_.deviation = 9;
  ++other_.effects;
  other_.evidence.assign(20, {});
  for (Evidence& e : other_.evidence) e.score.deviation = 9;
  tick_both(rank);
  EXPECT_TRUE(decision_.actions.empty());
  both_harmed();
  tick_both(rank);
  EXPECT_EQ(quota(11), 2000);
  EXPECT_EQ(quota(10), 0);
}

// web's culprit cannot be held down any longer today.
TEST_F(TwoVictimsTest, ACulpritOfOthersWhoCannotBeTriedShieldsNobody) {
  config_.throttle.max_throttled_time = std::chrono::minutes(5);
  restart();
  suspect(10, 4, 0.9);
  suspect(11, 8);
  harm(5);
  tick();
  ASSERT_EQ(quota(10), 2000);
  run(std::chrono::minutes(6));
  ASSERT_EQ(quota(10), 0);
  recover();
  for (Suspect& s : ranking_) s.explains = s.stands_out = false;
  both_harmed();
  recover();
  tick_both([this](const Incident&) { return &ranking_; });
  EXPECT_EQ(quota(11), 4000);
}

// What db finds out about it says nothing about web.
TEST_F(TwoVictimsTest, AnAcquittalLeavesTheCulpritOfOthersWhereItWas) {
  suspect(10, 4, 0.9);
  harm(5);
  tick();
  recover();
  tick();
  ranking_[0].stands_out = ranking_[0].explains = false;
  const Ranker rank = [this](const Incident&) { return &ranking_; };
  Millicores least = quota(10);
  int released = 0;
  for (int i = 0; i < 3; ++i) {
    both_harmed();
    recover();
    tick_both(rank);
    least = std::min(least, quota(10));
    released += count<Release>();
  }
  EXPECT_EQ(least, 500);
  EXPECT_EQ(quota(10), 2000);
  EXPECT_EQ(released, 0);
  EXPECT_EQ(policy_->state().exonerations.size(), 1u);
  EXPECT_EQ(policy_->state().records[0].guilts.size(), 1u);
}

}  // namespace
}  // namespace cpi
