#include "policy/words.h"

#include <gtest/gtest.h>

namespace cpi {
namespace {

using std::chrono::seconds;

const CgroupId kJob{1, 7, "/batch/a"};

Why why() {
  Why why;
  why.reason = Reason::explains;
  why.service = "web";
  why.signal = Signal::cpu_wait;
  why.deviation = 9.06;
  why.correlation = 0.618;
  return why;
}

TEST(WordsTest, AnActionIsSaidWithItsReasonAndItsEvidence) {
  const Action action{Lower{kJob, 4000, 2000, seconds(120)}, why(), "train",
                      false};
  EXPECT_EQ(describe(action),
            "lower /batch/a from 4 to 2 CPUs for 120 s: its CPU use goes with "
            "the harm (web: cpu_wait +9.1 standard deviations, correlation "
            "0.62)");
}

TEST(WordsTest, ADryRunSaysExactlyWhatItWouldDo) {
  Action action{Lower{kJob, 4000, 2000, seconds(120)}, why(), "train", false};
  const std::string real = describe(action);
  action.dry_run = true;
  EXPECT_EQ(describe(action), "would " + real);
}

TEST(WordsTest, WhatIsOverNeedsNoEvidence) {
  Why calm;
  calm.reason = Reason::calm;
  EXPECT_EQ(describe({Release{kJob, 250}, calm, "train", false}),
            "release /batch/a from 0.25 CPUs: no harm for a while");
}

TEST(WordsTest, EveryVerbHasItsName) {
  EXPECT_EQ(name_of(Lower{}), "lower");
  EXPECT_EQ(name_of(Raise{}), "raise");
  EXPECT_EQ(name_of(Renew{}), "renew");
  EXPECT_EQ(name_of(Release{}), "release");
  EXPECT_EQ(name_of(Freeze{}), "freeze");
  EXPECT_EQ(name_of(Thaw{}), "thaw");
  EXPECT_EQ(name_of(Reschedule{}), "reschedule");
}

TEST(WordsTest, OnlyTheHostHasNoTarget) {
  EXPECT_EQ(target_of(Verb(Freeze{})), nullptr);
  EXPECT_EQ(target_of(Verb(Thaw{})), nullptr);
  const Verb release = Release{kJob, 1};
  ASSERT_NE(target_of(release), nullptr);
  EXPECT_EQ(*target_of(release), kJob);
}

}  // namespace
}  // namespace cpi
