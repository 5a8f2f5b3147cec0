#include "cli/host_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/fake_perf.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(TakeStatusTest, FindsThePerfmonCapability) {
  HostFacts facts;
  take_status("Name:\tx\nCapEff:\t0000004000000000\nNoNewPrivs:\t0\n", facts);
  EXPECT_TRUE(facts.can_perfmon);
  EXPECT_FALSE(facts.can_admin);
  EXPECT_FALSE(facts.no_new_privileges);
}

TEST(TakeStatusTest, TakesSysAdminForPerfmon) {
  HostFacts facts;
  take_status("CapEff:\t0000000000200000\n", facts);
  EXPECT_TRUE(facts.can_perfmon);
  EXPECT_TRUE(facts.can_admin);
}

TEST(TakeStatusTest, SeesThatNeitherIsThere) {
  HostFacts facts;
  take_status("CapEff:\t000001bfffdfffff\nNoNewPrivs:\t1\n", facts);
  EXPECT_FALSE(facts.can_perfmon);
  EXPECT_TRUE(facts.no_new_privileges);
}

TEST(TakeStatusTest, SurvivesWhatIsNoStatus) {
  HostFacts facts;
  take_status("CapEff:\nNoNewPrivs:", facts);
  EXPECT_FALSE(facts.can_perfmon);
}

TEST(TakeLimitsTest, FindsTheHardLimitOfOpenFiles) {
  HostFacts facts;
  take_limits(
      "Limit                     Soft Limit           Hard Limit    Units\n"
      "Max processes             95840                95840         processes\n"
      "Max open files            1024                 524288        files\n",
      facts);
  EXPECT_EQ(facts.fd_limit, 524288U);
}

TEST(TakeLimitsTest, SurvivesWhatAreNoLimits) {
  HostFacts facts;
  take_limits("Max open files\nMax open files  many", facts);
  EXPECT_EQ(facts.fd_limit, 0U);
}

TEST(DescribeTest, OnPureV2EverythingIsOneHierarchy) {
  EXPECT_THAT(
      describe({{"/c", true, {"cpu", "memory"}}}),
      ElementsAre(Pair("cpu", "v2 at /c"), Pair("cpuacct", "v2 at /c"),
                  Pair("memory", "v2 at /c"), Pair("perf_event", "v2 at /c"),
                  Pair("unified", "v2 at /c")));
}

TEST(DescribeTest, OnHybridHostsV1KeepsWhatItHolds) {
  const auto controllers = describe({{"/c/unified", true, {}},
                                     {"/c/cpu", false, {"cpu", "cpuacct"}},
                                     {"/c/perf", false, {"perf_event"}}});
  EXPECT_EQ(controllers.at("cpu"), "v1 at /c/cpu");
  EXPECT_EQ(controllers.at("cpuacct"), "v1 at /c/cpu");
  EXPECT_EQ(controllers.at("perf_event"), "v1 at /c/perf");
  EXPECT_EQ(controllers.at("unified"), "v2 at /c/unified");
}

class GatherFactsTest : public testing::Test {
 protected:
  GatherFactsTest() {
    sources_.environment.proc = tree_.path("proc");
    sources_.environment.sys = tree_.path("sys");
    sources_.environment.perf = &perf_;
    sources_.environment.mounts = {{tree_.path("cgroup"), true, {"cpu"}}};
    sources_.config.state_dir = tree_.path("state");
    sources_.config.daemon = tree_.path("no-collectd");
    sources_.config.module = tree_.path("cpi.so");
  }

  FileTree tree_{{{"proc/cgroups", "perf_event\t0\t1\t1\n"},
                  {"proc/stat", "cpu 0 0 0 0 0 0 0 0\n"},
                  {"proc/self/status", "CapEff:\t0000004000000000\n"},
                  {"proc/self/limits", "Max open files  1024  4096  files\n"},
                  {"proc/7/comm", "bash\n"},
                  {"proc/sys/kernel/perf_event_paranoid", "3\n"},
                  {"sys/devices/system/cpu/online", "0-1\n"},
                  {"cgroup/cgroup.controllers", "cpu\n"},
                  {"cgroup/web/cgroup.procs", ""},
                  {"state/config.json",
                   R"({"Service": [{"Name": "web", "Cgroup": ["/web"]}]})"}}};
  FakePerf perf_;
  FactSources sources_;
};

TEST_F(GatherFactsTest, ReadsTheHostUnderItsRoots) {
  const HostFacts facts = gather_facts(sources_);
  EXPECT_EQ(facts.paranoid, 3);
  EXPECT_TRUE(facts.can_perfmon);
  EXPECT_FALSE(facts.pressure);
  EXPECT_EQ(facts.fd_limit, 4096U);
  EXPECT_FALSE(facts.collectd);
  EXPECT_FALSE(facts.plugin_path);
  tree_.write("proc/pressure/cpu", "some avg10=0 avg60=0 avg300=0 total=1\n");
  tree_.write("cpi.so", "");
  const HostFacts later = gather_facts(sources_);
  EXPECT_TRUE(later.pressure);
  EXPECT_EQ(later.plugin_path, tree_.path("cpi.so"));
}

TEST_F(GatherFactsTest, JudgesTheRunningDaemonAndNotTheAskingProcess) {
  EXPECT_EQ(gather_facts(sources_).process, "this process");
  tree_.write("proc/42/comm", "collectd\n");
  tree_.write("proc/42/status", "CapEff:\t0\nNoNewPrivs:\t1\n");
  tree_.write("proc/42/limits", "Max open files  512  512  files\n");
  const HostFacts facts = gather_facts(sources_);
  EXPECT_EQ(facts.process, "collectd, process 42");
  EXPECT_FALSE(facts.can_perfmon);
  EXPECT_TRUE(facts.no_new_privileges);
  EXPECT_EQ(facts.fd_limit, 512U);
}

TEST_F(GatherFactsTest, AsksTheCollectorWhatTheConfigurationCosts) {
  const HostFacts facts = gather_facts(sources_);
  EXPECT_EQ(facts.services, 1U);
  ASSERT_TRUE(facts.matched);
  EXPECT_EQ(facts.matched->cgroups, 1U);
  EXPECT_GE(facts.matched->fds_needed, 4U);  // two events on two CPUs
}

TEST_F(GatherFactsTest, NamesTheBlocksThatMatchNothing) {
  EXPECT_THAT(gather_facts(sources_).matched->empty_blocks, IsEmpty());
  tree_.write("state/config.json",
              R"({"Service": [{"Name": "web", "Cgroup": ["/web"]},
                              {"Name": "db", "Cgroup": ["/db"]}],
                  "Batch": [{"Name": "train", "Cgroup": ["/train"]}]})");
  EXPECT_THAT(gather_facts(sources_).matched->empty_blocks,
              ElementsAre("Service db", "Batch train"));
}

TEST_F(GatherFactsTest, LooksForTheDaemonsOwnConfiguration) {
  sources_.daemon_configs = {tree_.path("a.conf"), tree_.path("b.conf")};
  EXPECT_FALSE(gather_facts(sources_).daemon_configured);
  tree_.write("b.conf", "");
  EXPECT_TRUE(gather_facts(sources_).daemon_configured);
}

TEST_F(GatherFactsTest, TellsAMissingPmuFromAMissingCgroup) {
  perf_.open_fault = [](const FakePerf::Opened& opened) {
    return opened.cgroup.empty() ? EOPNOTSUPP : 0;
  };
  const HostFacts facts = gather_facts(sources_);
  EXPECT_TRUE(facts.counting);
  EXPECT_FALSE(facts.cgroup_counting);
  perf_.open_fault = [](const FakePerf::Opened& opened) {
    return opened.cgroup.empty() ? 0 : ENOENT;
  };
  const HostFacts bare = gather_facts(sources_);
  EXPECT_FALSE(bare.counting);
  ASSERT_TRUE(bare.cgroup_counting);
}

TEST_F(GatherFactsTest, TriesACgroupBelowTheRootWhichAloneCountsOnBareV2) {
  perf_.open_fault = [](const FakePerf::Opened& opened) {
    return opened.cgroup.ends_with("web") ? ENOENT : 0;
  };
  EXPECT_TRUE(gather_facts(sources_).cgroup_counting);
}

TEST_F(GatherFactsTest, LeavesNoCounterOpen) {
  gather_facts(sources_);
  EXPECT_FALSE(perf_.opened.empty());
  EXPECT_EQ(perf_.open_now(), 0);
}

TEST_F(GatherFactsTest, ReportsAConfigurationThatCannotBeRead) {
  tree_.remove("state/config.json");
  const HostFacts facts = gather_facts(sources_);
  ASSERT_TRUE(facts.configuration);
  EXPECT_THAT(facts.configuration->remedy, HasSubstr("--config"));
  EXPECT_FALSE(facts.matched);
}

}  // namespace
}  // namespace cpi
