#include "collectd/missing_cpi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectd/samples.h"

namespace cpi {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MissingCpiTest : public testing::Test {
 protected:
  void see(const Sample& sample, int windows) {
    for (int i = 0; i < windows; ++i) missing_.look_at({sample});
  }

  const Sample measured_ = sample_of("web", "/web");
  std::vector<std::string> log_;
  MissingCpi missing_{
      [this](Severity, const std::string& text) { log_.push_back(text); }};
};

TEST_F(MissingCpiTest, NothingIsSaidOfAServiceThatHasACpi) {
  see(measured_, 10);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(MissingCpiTest, TheReasonIsToldOnceWithItsFigureAndWhatToDo) {
  Sample sample = withheld(measured_, Withheld::running_ratio_too_low);
  sample.running_ratio = 0.33;
  see(sample, 3);
  sample.running_ratio = 0.34;
  see(sample, 100);
  EXPECT_THAT(log_,
              ElementsAre(AllOf(HasSubstr("/web has no CPI"), HasSubstr("33 %"),
                                HasSubstr("MinRunningRatio"))));
}

TEST_F(MissingCpiTest, AWindowOrTwoAreNotWorthALine) {
  for (int i = 0; i < 10; ++i) {
    see(withheld(measured_, Withheld::not_scheduled), 2);
    see(measured_, 2);
  }
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(MissingCpiTest, ItsEndIsToldOnce) {
  see(withheld(measured_, Withheld::not_scheduled), 5);
  see(measured_, 50);
  EXPECT_THAT(log_, ElementsAre(HasSubstr("the counters did not"),
                                HasSubstr("/web has a CPI again")));
}

TEST_F(MissingCpiTest, AnotherReasonIsAnotherLine) {
  see(withheld(measured_, Withheld::not_scheduled), 5);
  see(withheld(measured_, Withheld::implausible), 5);
  EXPECT_THAT(log_, ElementsAre(HasSubstr("the counters did not"),
                                HasSubstr("no CPU can have counted this")));
}

TEST_F(MissingCpiTest, WhatIsNoFaultIsNotToldAndInterruptsNothing) {
  const Sample idle = withheld(measured_, Withheld::idle);
  for (int i = 0; i < 3; ++i) {
    see(idle, 5);
    see(withheld(measured_, Withheld::too_few_instructions), 5);
    see(withheld(measured_, Withheld::not_counted), 5);
  }
  EXPECT_THAT(log_, IsEmpty());
  see(withheld(measured_, Withheld::not_scheduled), 2);
  see(idle, 5);
  see(withheld(measured_, Withheld::not_scheduled), 1);
  EXPECT_THAT(log_, SizeIs(1));
}

TEST_F(MissingCpiTest, ACgroupThatWentAndCameIsToldOfAnew) {
  const Sample sample = withheld(measured_, Withheld::not_scheduled);
  see(sample, 5);
  missing_.look_at({});
  see(sample, 5);
  EXPECT_THAT(log_, SizeIs(2));
}

}  // namespace
}  // namespace cpi
