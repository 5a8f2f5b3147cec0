// Whose turn it is where many are harmed, and nobody can be tried for most.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "policy/stage.h"

namespace cpi {
namespace {

// The service "db" has a culprit from the fourth tick on. The others have none.
class QueueTest : public PolicyStage {
 protected:
  QueueTest() { suspect(10, 4, 0.9); }

  Incident& add(const std::string& service, double deviation,
                IncidentClass severity) {
    Incident& added = incidents_.emplace_back();
    added.service = service;
    added.victim = {1, 50 + incidents_.size(), "/" + service};
    added.effective = added.onset = now_;
    added.may_act = true;
    added.deviation = deviation;
    added.incident_class = severity;
    return added;
  }
  // Ticks until db's culprit is cut; 0: never. `is_open`: of which incident.
  template <class Predicate>
  int ticks_until_cut(Predicate is_open) {
    const std::vector<Suspect> nobody;
    for (int tick = 1; tick <= 400; ++tick) {
      now_ += kWindow;
      Situation situation;
      situation.now = now_;
      situation.window = kWindow;
      for (std::size_t i = 0; i < incidents_.size(); ++i) {
        const bool open = is_open(static_cast<int>(i), tick);
        situation.victims.add(seen(incidents_[i], open));
      }
      situation.batch.add({container(10), "train", 4, {}});
      policy_->decide(situation, [&](const Incident& incident) {
        return incident.service == "db" && tick > 3 ? &ranking_ : &nobody;
      });
      if (quota(10) > 0) return tick;
    }
    return 0;
  }

 private:
  // Its evidence is complete once more.
  Victim seen(Incident& incident, bool open) {
    ++incident.effects;
    incident.evidence.assign(20, {});
    for (Evidence& evidence : incident.evidence) {
      evidence.time = now_;
      evidence.score.deviation = incident.deviation;
      evidence.score.persistence = 0.6;
    }
    Victim victim{incident.service, incident.victim, {}, {true}, {}, open};
    if (open) victim.incidents.push_back(&incident);
    return victim;
  }

  std::vector<Incident> incidents_;
};

bool always(int, int) { return true; }

TEST_F(QueueTest, EveryServiceHasItsTurnHoweverManyAskInVain) {
  for (int i = 0; i < 20; ++i) add("web", 5, IncidentClass::strong);
  add("db", 4, IncidentClass::strong);
  EXPECT_EQ(ticks_until_cut(always), 21);
}

TEST_F(QueueTest, HarmThatMayBeChanceKeepsNobodyFromItsTurn) {
  add("web", 1, IncidentClass::mild);
  add("db", 5, IncidentClass::strong);
  EXPECT_EQ(ticks_until_cut(always), 7);
}

// Each of these closes its incident for one window in twelve.
TEST_F(QueueTest, HarmThatComesAndGoesOvertakesNobody) {
  add("db", 3, IncidentClass::strong);
  for (int i = 0; i < 12; ++i) add("web", 5, IncidentClass::strong);
  const int ticks = ticks_until_cut(
      [](int i, int tick) { return i == 0 || tick % 12 != i - 1; });
  EXPECT_GT(ticks, 0);
  EXPECT_LE(ticks, 20);
}

}  // namespace
}  // namespace cpi
