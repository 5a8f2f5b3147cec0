#include "collectd/alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectd/recording_dispatcher.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Notification with(Alert alert) { return {alert, "m", "host", "t"}; }

class AlarmsTest : public testing::Test {
 protected:
  std::vector<Alert> told() const {
    std::vector<Alert> alerts;
    for (const auto& n : dispatcher_.notifications) alerts.push_back(n.alert);
    return alerts;
  }

  RecordingDispatcher dispatcher_;
  Alarms alarms_{dispatcher_};
};

TEST_F(AlarmsTest, TellsABeginningOnceAndTheEndOnce) {
  alarms_.report("a", with(Alert::warning));
  alarms_.report("a", with(Alert::warning));
  alarms_.report("a", with(Alert::okay));
  alarms_.report("a", with(Alert::okay));
  EXPECT_THAT(told(), ElementsAre(Alert::warning, Alert::okay));
}

TEST_F(AlarmsTest, TellsAChangeOfSeverity) {
  alarms_.report("a", with(Alert::warning));
  alarms_.report("a", with(Alert::failure));
  alarms_.report("a", with(Alert::warning));
  EXPECT_THAT(told(),
              ElementsAre(Alert::warning, Alert::failure, Alert::warning));
}

TEST_F(AlarmsTest, WhatNeverBeganHasNoEnd) {
  alarms_.report("a", with(Alert::okay));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(AlarmsTest, KeysAreIndependent) {
  alarms_.report("a", with(Alert::warning));
  alarms_.report("b", with(Alert::warning));
  EXPECT_EQ(told().size(), 2u);
}

TEST_F(AlarmsTest, WhatWasForgottenBeginsAnew) {
  alarms_.report("a", with(Alert::warning));
  alarms_.forget("a");
  alarms_.report("a", with(Alert::okay));
  alarms_.report("a", with(Alert::warning));
  EXPECT_THAT(told(), ElementsAre(Alert::warning, Alert::warning));
}

}  // namespace
}  // namespace cpi
