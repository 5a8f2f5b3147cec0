#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cpi {
namespace {

using testing::ElementsAre;

class ComplaintsTest : public testing::Test {
 protected:
  std::vector<std::string> lines_;
  Complaints complaints_{
      [this](Severity, const std::string& text) { lines_.push_back(text); }};
};

TEST_F(ComplaintsTest, SaysAThingOnce) {
  complaints_.raise("pmu", Severity::warning, "no PMU");
  complaints_.raise("pmu", Severity::warning, "no PMU");
  EXPECT_THAT(lines_, ElementsAre("no PMU"));
}

TEST_F(ComplaintsTest, SaysItAgainWhenItChanges) {
  complaints_.raise("fds", Severity::warning, "10 missing");
  complaints_.raise("fds", Severity::warning, "20 missing");
  EXPECT_THAT(lines_, ElementsAre("10 missing", "20 missing"));
}

TEST_F(ComplaintsTest, SaysWhenItIsOverAndThenMaySayItAgain) {
  complaints_.raise("pmu", Severity::warning, "no PMU");
  complaints_.settle("pmu", "PMU is back");
  complaints_.settle("pmu", "PMU is back");
  complaints_.raise("pmu", Severity::warning, "no PMU");
  EXPECT_THAT(lines_, ElementsAre("no PMU", "PMU is back", "no PMU"));
}

TEST_F(ComplaintsTest, AForgottenKeyIsNeverSettled) {
  complaints_.raise("gone", Severity::warning, "unreadable");
  complaints_.forget("gone");
  complaints_.settle("gone", "readable");
  EXPECT_THAT(lines_, ElementsAre("unreadable"));
}

}  // namespace
}  // namespace cpi
