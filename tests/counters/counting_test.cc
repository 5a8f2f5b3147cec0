#include "counters/counting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>

#include "counters/fd_budget.h"
#include "support/fake_perf.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CountingTest : public testing::Test {
 protected:
  Counting make() { return {perf_, config_, sys_.root()}; }

  void core_pmu(const std::string& name, const std::string& type,
                const std::string& cpus) {
    const std::string device = "bus/event_source/devices/" + name + "/";
    sys_.write(device + "type", type + "\n");
    sys_.write(device + "cpus", cpus + "\n");
  }

  FakePerf perf_;
  FileTree sys_;
  CountersConfig config_;
};

TEST_F(CountingTest, CountsOnEveryOnlineCpu) {
  Counting counting = make();
  counting.refresh({0, 1, 5});
  EXPECT_EQ(counting.obstacle(), nullptr);
  EXPECT_THAT(counting.cpus(), ElementsAre(0, 1, 5));
  EXPECT_EQ(counting.fds_per_cgroup(), 6U);
}

TEST_F(CountingTest, TheProbeLeavesNothingOpen) {
  Counting counting = make();
  counting.refresh({0});
  EXPECT_EQ(perf_.opened.size(), 2U);
  EXPECT_EQ(perf_.open_now(), 0);
}

TEST_F(CountingTest, CountsOnlyTheConfiguredCpusThatAreOnline) {
  config_.cpus = "1-3";
  Counting counting = make();
  counting.refresh({0, 1, 2});
  EXPECT_THAT(counting.cpus(), ElementsAre(1, 2));
  counting.refresh({0});
  ASSERT_NE(counting.obstacle(), nullptr);
  EXPECT_THAT(counting.obstacle()->what, HasSubstr("\"1-3\""));
}

TEST_F(CountingTest, ABadCpuListIsAnObstacle) {
  config_.cpus = "all";
  Counting counting = make();
  counting.refresh({0});
  EXPECT_THAT(counting.obstacle()->what, HasSubstr("\"all\""));
}

TEST_F(CountingTest, AnUnknownEventIsAnObstacle) {
  config_.cycles_event = "cylces";
  Counting counting = make();
  counting.refresh({0});
  EXPECT_THAT(counting.obstacle()->message(), HasSubstr("cylces"));
}

TEST_F(CountingTest, AMissingPmuIsAnObstacleUntilThereIsOne) {
  perf_.open_fault = [](const FakePerf::Opened&) { return ENOENT; };
  Counting counting = make();
  counting.refresh({0});
  ASSERT_NE(counting.obstacle(), nullptr);
  EXPECT_THAT(counting.obstacle()->remedy, HasSubstr("no PMU"));
  perf_.open_fault = nullptr;
  counting.refresh({0});
  EXPECT_EQ(counting.obstacle(), nullptr);
}

TEST_F(CountingTest, CoresOfSeveralTypesAreNotAddedUp) {
  core_pmu("cpu_core", "4", "0-3");
  core_pmu("cpu_atom", "10", "4-7");
  Counting counting = make();
  counting.refresh({0, 4});
  ASSERT_NE(counting.obstacle(), nullptr);
  EXPECT_THAT(counting.obstacle()->message(), HasSubstr("cpu_atom, cpu_core"));
  EXPECT_THAT(counting.obstacle()->remedy, HasSubstr("CPUs"));
}

TEST_F(CountingTest, CpusOfOneTypeAreCountedByItsPmu) {
  core_pmu("cpu_core", "4", "0-3");
  core_pmu("cpu_atom", "10", "4-7");
  config_.cpus = "4-7";
  Counting counting = make();
  counting.refresh({0, 4, 5});
  EXPECT_EQ(counting.obstacle(), nullptr);
  ASSERT_FALSE(perf_.opened.empty());
  EXPECT_EQ(perf_.opened[0].attr.config >> 32, 10U);
  EXPECT_EQ(perf_.opened[1].attr.config >> 32, 10U);
}

TEST_F(CountingTest, ArmFindsItsPmuByTheCpu) {
  core_pmu("armv8_cortex_a72", "8", "0-1");
  core_pmu("armv8_cortex_a53", "9", "2-3");
  config_.cpus = "0-1";
  Counting counting = make();
  counting.refresh({0, 1, 2, 3});
  EXPECT_EQ(counting.obstacle(), nullptr);
  EXPECT_EQ(perf_.opened[0].attr.config >> 32, 0U);
}

TEST_F(CountingTest, ClocksAreTheSameOnEveryCore) {
  core_pmu("cpu_core", "4", "0-3");
  core_pmu("cpu_atom", "10", "4-7");
  config_.cycles_event = "cpu-clock";
  config_.instructions_event = "task-clock";
  Counting counting = make();
  counting.refresh({0, 4});
  EXPECT_EQ(counting.obstacle(), nullptr);
}

TEST_F(CountingTest, ACgroupThatVanishedBeforeItsOpenIsItsOwnError) {
  Counting counting = make();
  counting.refresh({0});
  EXPECT_EQ(counting.open("/nonexistent/cgroup").error().code, ENOENT);
}

TEST(FdBudgetTest, LeavesRoomForTheRestOfTheProcess) {
  FdBudget budget(100000);
  EXPECT_EQ(budget.allow(5000), 5000U);
  const std::size_t limit = budget.limit_for(5000);
  EXPECT_GT(limit, 5000 + FdBudget::kHeadroom);
  EXPECT_EQ(FdBudget(limit).allow(5000), 5000U);
  EXPECT_LT(FdBudget(limit - 10).allow(5000), 5000U);
}

TEST(FdBudgetTest, AllowsNothingWhereOthersTookEverything) {
  EXPECT_EQ(FdBudget(1).allow(10), 0U);
}

TEST(FdBudgetTest, RaisesTheSoftLimitToTheHardOne) {
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {256, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(FdBudget().allow(10), 10U);
  rlimit now = {};
  ::getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, 256U);  // not without need
  EXPECT_EQ(FdBudget().allow(before.rlim_max - 1000), before.rlim_max - 1000);
  ::getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace cpi
