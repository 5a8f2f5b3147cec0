#include "counters/hierarchies.h"

#include <gtest/gtest.h>

namespace cpi {
namespace {

constexpr const char* kKernelWithPerf =
    "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
    "cpu\t1\t1\t1\n"
    "perf_event\t0\t1\t1\n";

TEST(HierarchiesTest, PureV2AnswersEverything) {
  const auto chosen = choose_hierarchies(
      {{"/sys/fs/cgroup", true, {"cpuset", "cpu", "io", "memory"}}},
      kKernelWithPerf);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->primary.root, "/sys/fs/cgroup");
  EXPECT_TRUE(chosen->primary.unified);
  EXPECT_EQ(chosen->primary.controller, "");
  EXPECT_EQ(chosen->cpu_time, chosen->primary);
  EXPECT_EQ(chosen->pressure, chosen->primary);
  EXPECT_EQ(chosen->perf, chosen->primary);
}

TEST(HierarchiesTest, OnV1EachControllerMayHaveItsOwn) {
  const auto chosen = choose_hierarchies({{"/c/cpu", false, {"cpu"}},
                                          {"/c/cpuacct", false, {"cpuacct"}},
                                          {"/c/perf", false, {"perf_event"}}},
                                         kKernelWithPerf);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->primary.root, "/c/cpu");
  EXPECT_EQ(chosen->primary.controller, "cpu");
  EXPECT_EQ(chosen->cpu_time->root, "/c/cpuacct");
  EXPECT_EQ(chosen->perf->root, "/c/perf");
  EXPECT_FALSE(chosen->pressure);
}

TEST(HierarchiesTest, JointCpuAndCpuacctAreOneHierarchy) {
  const auto chosen =
      choose_hierarchies({{"/c/cpu,cpuacct", false, {"cpu", "cpuacct"}}}, "");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->cpu_time, chosen->primary);
}

TEST(HierarchiesTest, OnAHybridHostPerfIsWhereItIsMounted) {
  const Mount cpu = {"/c/cpu", false, {"cpu", "cpuacct"}};
  const Mount perf = {"/c/perf_event", false, {"perf_event"}};
  const Mount unified = {"/c/unified", true, {}};
  EXPECT_EQ(
      choose_hierarchies({cpu, perf, unified}, kKernelWithPerf)->perf->root,
      "/c/perf_event");
  const auto on_v2 = choose_hierarchies({cpu, unified}, kKernelWithPerf);
  EXPECT_EQ(on_v2->perf->root, "/c/unified");
  EXPECT_EQ(on_v2->pressure->root, "/c/unified");
  EXPECT_EQ(on_v2->primary.root, "/c/cpu");
}

TEST(HierarchiesTest, AKernelWithoutPerfCgroupsCountsNothing) {
  const Mount unified = {"/c", true, {"cpu"}};
  EXPECT_FALSE(choose_hierarchies({unified}, "cpu\t0\t1\t1\n")->perf);
  EXPECT_FALSE(choose_hierarchies({unified}, "perf_event\t0\t1\t0\n")->perf);
}

TEST(HierarchiesTest, AUnifiedHierarchyWithoutControllersStillFindsCgroups) {
  const auto chosen = choose_hierarchies({{"/c", true, {}}}, kKernelWithPerf);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->primary.root, "/c");
}

TEST(HierarchiesTest, WithoutAnyHierarchyThereIsARemedy) {
  const auto chosen = choose_hierarchies({}, kKernelWithPerf);
  ASSERT_FALSE(chosen);
  EXPECT_NE(chosen.error().remedy, "");
  EXPECT_FALSE(choose_hierarchies({{"/c/m", false, {"memory"}}}, ""));
}

TEST(LayoutTest, EachVersionHasItsFiles) {
  EXPECT_EQ(layout(Question::cpu_time, false).name, "cpuacct.usage");
  EXPECT_EQ(layout(Question::cpu_time, true).name, "cpu.stat");
  EXPECT_EQ(layout(Question::quota, false).name, "cpu.stat");
  EXPECT_EQ(layout(Question::quota, true).name, "cpu.stat");
  EXPECT_EQ(layout(Question::pressure, true).name, "cpu.pressure");
  EXPECT_EQ(layout(Question::pressure, false).name, "");
  EXPECT_EQ(quota_file(false), "cpu.cfs_quota_us");
  EXPECT_EQ(quota_file(true), "cpu.max");
  EXPECT_EQ(throttled_field(false).key, "throttled_time");
  EXPECT_EQ(throttled_field(true).key, "throttled_usec");
  EXPECT_EQ(threads_file(false), "tasks");
  EXPECT_EQ(threads_file(true), "cgroup.threads");
}

}  // namespace
}  // namespace cpi
