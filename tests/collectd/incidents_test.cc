#include "collectd/incidents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectd/recording_dispatcher.h"
#include "support/samples.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class IncidentsTest : public testing::Test {
 protected:
  IncidentsTest() {
    incident_.service = "web";
    incident_.victim = sample_.cgroup;
    incident_.deviation = 5;
    incident_.excess = 1.5;
  }
  // One tick in which the replica's CPI was judged so.
  void tick(Change change, bool open) {
    Judgement judgement;
    judgement.sample = &sample_;
    Finding finding;
    finding.score.value = 3;
    finding.score.expected = 2;
    finding.change = change;
    finding.incident = open ? &incident_ : nullptr;
    judgement.findings[0] = finding;
    incidents_.report(std::vector<Judgement>{judgement});
  }
  void tick_without_it() { incidents_.report(std::vector<Judgement>{}); }
  // A sample of the container, without a CPI.
  void tick_unmeasured() {
    Judgement judgement;
    judgement.sample = &sample_;
    incidents_.report(std::vector<Judgement>{judgement});
  }

  Sample sample_ = sample_at(Instant(seconds(10)), seconds(10), 0.1, 3);
  Incident incident_;
  RecordingDispatcher dispatcher_;
  Alarms alarms_{dispatcher_};
  Incidents incidents_{alarms_, 3};
};

TEST_F(IncidentsTest, AnIncidentIsToldOnceWithWhatItIs) {
  tick(Change::opened, true);
  for (int i = 0; i < 5; ++i) tick(Change::none, true);
  ASSERT_EQ(dispatcher_.notifications.size(), 1u);
  const Notification& told = dispatcher_.notifications[0];
  EXPECT_EQ(told.alert, Alert::warning);
  EXPECT_EQ(told.instance, "service_web");
  EXPECT_THAT(told.message, HasSubstr("web: disturbed: 3 cycles"));
  const auto find = [&](const std::string& name) {
    for (const auto& [key, value] : told.metadata) {
      if (key == name) return value;
    }
    return std::variant<std::string, double>("absent");
  };
  EXPECT_EQ(std::get<std::string>(find("cgroup")), sample_.cgroup.path);
  EXPECT_EQ(std::get<double>(find("cpi")), 3);
  EXPECT_EQ(std::get<double>(find("expected")), 2);
  EXPECT_EQ(std::get<double>(find("deviation")), 5);
}

TEST_F(IncidentsTest, RecoveryIsOkay) {
  tick(Change::opened, true);
  tick(Change::recovered, true);
  tick(Change::none, false);
  ASSERT_EQ(dispatcher_.notifications.size(), 2u);
  EXPECT_EQ(dispatcher_.notifications[1].alert, Alert::okay);
}

TEST_F(IncidentsTest, ASecondIncidentIsToldAgain) {
  for (int i = 0; i < 2; ++i) {
    tick(Change::opened, true);
    tick(Change::recovered, true);
  }
  EXPECT_EQ(dispatcher_.notifications.size(), 4u);
}

TEST_F(IncidentsTest, AContainerThatIsGoneTakesItsIncidentWithIt) {
  tick(Change::opened, true);
  for (int i = 0; i < 3; ++i) tick_without_it();
  EXPECT_EQ(dispatcher_.notifications.size(), 1u);
  tick_without_it();
  ASSERT_EQ(dispatcher_.notifications.size(), 2u);
  EXPECT_EQ(dispatcher_.notifications[1].alert, Alert::okay);
  EXPECT_THAT(dispatcher_.notifications[1].message, HasSubstr("gone"));
}

TEST_F(IncidentsTest, WindowsWithoutACpiKeepIt) {
  tick(Change::opened, true);
  for (int i = 0; i < 20; ++i) tick_unmeasured();
  EXPECT_EQ(dispatcher_.notifications.size(), 1u);
}

TEST_F(IncidentsTest, TheServicesOwnChangeIsCalledThat) {
  incident_.own_doing = true;
  tick(Change::opened, true);
  EXPECT_THAT(dispatcher_.notifications[0].message, HasSubstr("changed"));
}

}  // namespace
}  // namespace cpi
