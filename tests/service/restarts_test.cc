#include "service/restarts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

MainProcess process(int pid, int started_s) {
  return {pid, seconds(started_s)};
}

class RestartsTest : public testing::Test {
 protected:
  std::vector<Duration> look(std::vector<MainProcess> mains) {
    now_ += seconds(10);
    return observe_unit(state_, mains, now_);
  }

  Duration now_ = seconds(1000);
  std::optional<UnitState> state_;
};

TEST_F(RestartsTest, TheFirstLookOnlyTakesNote) {
  EXPECT_THAT(look({process(1, 5)}), IsEmpty());
  EXPECT_THAT(look({process(1, 5)}), IsEmpty());
}

TEST_F(RestartsTest, AReplacedMainProcessIsOneRestart) {
  look({process(1, 5)});
  EXPECT_THAT(look({process(2, 1015)}), ElementsAre(seconds(1015)));
  EXPECT_THAT(look({process(2, 1015)}), IsEmpty());
}

TEST_F(RestartsTest, AReusedProcessNumberIsAnother) {
  look({process(1, 5)});
  EXPECT_THAT(look({process(1, 1015)}), ElementsAre(seconds(1015)));
}

TEST_F(RestartsTest, AnEndIsNoRestartUntilSomebodyComes) {
  look({process(1, 5)});
  EXPECT_THAT(look({}), IsEmpty());
  EXPECT_THAT(look({}), IsEmpty());
  EXPECT_THAT(look({process(2, 1035)}), ElementsAre(seconds(1035)));
}

TEST_F(RestartsTest, AWorkerOnlyStandsIn) {
  look({process(1, 5)});
  EXPECT_THAT(look({process(7, 6)}), IsEmpty());  // its oldest child is left
  EXPECT_THAT(look({process(8, 7)}), IsEmpty());  // and then the next
  EXPECT_THAT(look({process(9, 1035)}), ElementsAre(seconds(1035)));
  EXPECT_THAT(look({process(9, 1035)}), IsEmpty());
}

TEST_F(RestartsTest, AContainerThatJoinsAPodIsNone) {
  look({process(1, 5), process(2, 5)});
  EXPECT_THAT(look({process(1, 5), process(2, 5), process(3, 1015)}),
              IsEmpty());
}

TEST_F(RestartsTest, EveryContainerOfAPodCounts) {
  look({process(1, 5), process(2, 5), process(3, 5)});
  EXPECT_THAT(look({process(1, 5), process(8, 1011), process(9, 1012)}),
              ElementsAre(seconds(1011), seconds(1012)));
}

TEST_F(RestartsTest, AStartWithinTheStepOfTheClockIsFresh) {
  look({process(1, 5)});
  const Duration started = now_ - milliseconds(5);
  EXPECT_THAT(look({{2, started}}), ElementsAre(started));
}

TEST_F(RestartsTest, AnEmptyUnitThatFillsIsNoRestart) {
  look({});
  EXPECT_THAT(look({process(1, 1015)}), IsEmpty());
}

}  // namespace
}  // namespace cpi
