#include "actuate/order.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "actuate/spawn_actuator.h"

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = ActionOutcome::Kind;
using Words = std::vector<std::string>;

const CgroupId kJob{1, 7, "/batch.slice/a/job"};

Aliases aliases() {
  return Aliases({{"batch", "/batch.slice", 2},
                  {"hadoop", "/system.slice/hadoop.service", 0},
                  {"flat", "/flat", 1}});
}

// What the helper would be started with; empty: not at all.
Words asked(const Verb& verb) {
  const auto command = command_of({verb, {}, {}, false}, aliases());
  if (!command || !*command) return {};
  return arguments_of(**command);
}

TEST(AliasesTest, ATargetIsNamedBelowItsParent) {
  EXPECT_EQ(aliases().target_of("/batch.slice/a"), "batch/a");
  EXPECT_EQ(aliases().target_of("/batch.slice/a/job"), "batch/a/job");
  EXPECT_EQ(aliases().target_of("/system.slice/hadoop.service"), "hadoop");
}

TEST(AliasesTest, WhatRootDoesNotAllowHasNoName) {
  EXPECT_EQ(aliases().target_of("/batch.slice"), std::nullopt);
  EXPECT_EQ(aliases().target_of("/batch.slice/a/b/c"), std::nullopt);
  EXPECT_EQ(aliases().target_of("/batch.slice2/a"), std::nullopt);
  EXPECT_EQ(aliases().target_of("/system.slice/hadoop.service/x"),
            std::nullopt);
  EXPECT_EQ(aliases().target_of("/"), std::nullopt);
  EXPECT_EQ(aliases().target_of(""), std::nullopt);
}

TEST(AliasesTest, ANameLeadsBackToItsPath) {
  for (const char* path :
       {"/batch.slice/a", "/flat/x", "/system.slice/hadoop.service"}) {
    EXPECT_EQ(aliases().path_of(*aliases().target_of(path)), path);
  }
  EXPECT_EQ(aliases().path_of("nobody/a"), std::nullopt);
  EXPECT_EQ(aliases().path_of("batc"), std::nullopt);
}

TEST(OrderTest, EveryVerbIsOneRequestOfTheHelper) {
  EXPECT_EQ(asked(Lower{kJob, 2000, 1000, seconds(120)}),
            (Words{"lower", "batch/a/job", "1000", "--lease", "120"}));
  EXPECT_EQ(asked(Raise{kJob, 1000, 1200, seconds(120)}),
            (Words{"raise", "batch/a/job", "1200", "--lease", "120"}));
  EXPECT_EQ(asked(Renew{kJob, 1000, seconds(120)}),
            (Words{"lower", "batch/a/job", "1000", "--lease", "120"}));
  EXPECT_EQ(asked(Release{kJob, 1000}), (Words{"release", "batch/a/job"}));
  EXPECT_EQ(asked(Freeze{seconds(1800)}),
            (Words{"freeze", "1800", "--reason", "interference"}));
  EXPECT_EQ(asked(Thaw{}), (Words{"thaw"}));
}

TEST(OrderTest, NoHelperCanMoveAContainer) {
  const auto command = command_of({Reschedule{kJob}, {}, {}, false}, aliases());
  ASSERT_TRUE(command);
  EXPECT_FALSE(*command);
}

TEST(OrderTest, PartsOfASecondAreRoundedUp) {
  EXPECT_EQ(asked(Renew{kJob, 1000, milliseconds(1200)}).back(), "2");
}

TEST(OrderTest, ACgroupThatRootHasNotAllowedIsRefusedWithTheRemedy) {
  const auto command = command_of(
      {Lower{{1, 8, "/other"}, 2, 1, seconds(9)}, {}, {}, false}, aliases());
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().code, EACCES);
  EXPECT_NE(command.error().remedy.find("actuator.json"), std::string::npos);
}

Kind kind_of(actuator::Exit exit) {
  return outcome_of(kJob, 1000, Outcome{exit, {}, {}}).kind;
}

TEST(OutcomeTest, SaysWhatTheAnswerMeansForTheContainer) {
  using actuator::Exit;
  EXPECT_EQ(kind_of(Exit::done), Kind::done);
  EXPECT_EQ(kind_of(Exit::foreign), Kind::foreign);
  EXPECT_EQ(kind_of(Exit::gone), Kind::gone);
  EXPECT_EQ(kind_of(Exit::refused), Kind::refused);
  EXPECT_EQ(kind_of(Exit::budget), Kind::refused);
  EXPECT_EQ(kind_of(Exit::disabled), Kind::refused);
  EXPECT_EQ(kind_of(Exit::busy), Kind::failed);
  EXPECT_EQ(kind_of(Exit::rolled_back), Kind::failed);
}

TEST(OutcomeTest, OnlyWhatWasDoneIsInForce) {
  EXPECT_EQ(outcome_of(kJob, 1000, Outcome{}).quota, 1000);
  const auto unknown = outcome_of(kJob, 1000, fail(ETIMEDOUT, "wait"));
  EXPECT_EQ(unknown.kind, Kind::failed);
  EXPECT_EQ(unknown.quota, 0);
  EXPECT_EQ(unknown.cgroup, kJob);
}

}  // namespace
}  // namespace cpi
