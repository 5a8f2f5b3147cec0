// What each verb does on the real kernel, asked by an unprivileged user.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class Verbs : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    parent.emplace(kParent);
    pod.emplace(kParent + "/pod");
    pod->set_quota(90000);
    held = unified_root() + "/" + kParent;
    ::mkdir(held.c_str(), 0755);
  }
  void TearDown() override {
    pod.reset();
    parent.reset();
    if (!held.empty()) ::rmdir(held.c_str());
    ActuatorSite::TearDown();
  }
  Ending lower(const std::string& millicores, const std::string& lease = "60",
               const std::string& target = "batch/pod") {
    return call({"lower", target, millicores, "--lease", lease});
  }
  // The journal as if `seconds` had passed: every time in it that much earlier.
  void age(const std::string& key, long seconds) {
    std::string text = journal();
    std::size_t at = text.find("\"" + key + "\":");
    ASSERT_NE(std::string::npos, at) << text;
    at += key.size() + 3;
    std::size_t end = text.find_first_of(",}", at);
    long time = std::atol(text.substr(at, end - at).c_str());
    text.replace(at, end - at, std::to_string(std::max(0L, time - seconds)));
    ASSERT_TRUE(write_file(kPrefix + "/run/journal.json", text));
  }
  std::string limit() { return read_file(held + "/cgroup.max.descendants"); }

  std::optional<CpuCgroup> parent, pod;
  std::string held;
};

TEST_F(Verbs, LowerThenReleaseRestoresTheOriginal) {
  Ending ending = lower("400");
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ(
      "{\"verb\":\"lower\",\"target\":\"batch/pod\",\"millicores\":400,"
      "\"original_millicores\":900,\"lease\":60,\"v\":1,\"exit\":0,"
      "\"outcome\":\"done\"}\n",
      ending.out);
  EXPECT_EQ(40000, pod->quota());
  EXPECT_EQ(1U, throttles());
  ending = call({"release", "batch/pod"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
}

TEST_F(Verbs, AnUnlimitedOriginalComesBackUnlimited) {
  pod->set_quota(-1);
  EXPECT_EQ(code(Exit::done), lower("400").exit);
  EXPECT_EQ(40000, pod->quota());
  EXPECT_EQ(code(Exit::done), call({"release", "--all"}).exit);
  EXPECT_EQ(-1, pod->quota());
}

TEST_F(Verbs, BurstIsLoweredAndRestoredWithTheQuota) {
  pod->set_burst(80000);
  EXPECT_EQ(code(Exit::done), lower("400").exit);
  EXPECT_EQ(40000, pod->burst());
  EXPECT_EQ(code(Exit::done), call({"raise", "batch/pod", "600"}).exit);
  EXPECT_EQ(60000, pod->burst());
  EXPECT_EQ(code(Exit::done), call({"restore"}).exit);
  EXPECT_EQ(80000, pod->burst());
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, TwoAliasesOfOneCgroupShareItsOriginal) {
  configure(R"({"callers": [54321], "aliases": {"batch": {"cgroup": "/)" +
            kParent + R"(", "depth": 3}, "same": {"cgroup": "/)" + kParent +
            R"(/pod", "depth": 0}}})");
  EXPECT_EQ(code(Exit::done), lower("400").exit);
  EXPECT_EQ(code(Exit::done), lower("200", "60", "same").exit);
  EXPECT_EQ(1U, throttles());
  EXPECT_EQ(code(Exit::done), call({"release", "batch/pod"}).exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, RaiseStopsAtTheOriginalAndEndsTheThrottle) {
  lower("400");
  EXPECT_EQ(code(Exit::done), call({"raise", "batch/pod", "4000"}).exit);
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
}

TEST_F(Verbs, LowerNeverRaisesAndRaiseNeverLowers) {
  lower("400");
  EXPECT_EQ(code(Exit::refused), lower("500").exit);
  EXPECT_EQ(code(Exit::refused), call({"raise", "batch/pod", "300"}).exit);
  EXPECT_EQ(40000, pod->quota());
}

TEST_F(Verbs, RefusalsNameTheLineOfTheConfigurationAndEchoNothing) {
  Ending low = lower("20");
  EXPECT_EQ(code(Exit::refused), low.exit);
  EXPECT_TRUE(has(low.err, "floor_millicores")) << low.err;
  Ending lease = lower("400", "99999");
  EXPECT_TRUE(has(lease.err, "longest_lease")) << lease.err;
  Ending alias = lower("400", "60", "sesame/pod");
  EXPECT_TRUE(has(alias.err, "aliases")) << alias.err;
  EXPECT_FALSE(has(alias.err + alias.out, "sesame"));
  Ending deep = lower("400", "60", "batch/a/b/c/d");
  EXPECT_TRUE(has(deep.err, "aliases.ALIAS.depth")) << deep.err;
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, OnlyListedCallersAreServed) {
  ASSERT_EQ(0, ::chmod(kHelper.c_str(), 04755));
  Ending ending = call({"restore"}, kStranger);
  EXPECT_EQ(code(Exit::refused), ending.exit);
  EXPECT_TRUE(has(ending.err, "callers")) << ending.err;
}

TEST_F(Verbs, AGoneCgroupIsSaidToBeGone) {
  EXPECT_EQ(code(Exit::gone), lower("400", "60", "batch/none").exit);
  lower("400");
  pod->remove();
  EXPECT_EQ(code(Exit::gone), call({"release", "batch/pod"}).exit);
  EXPECT_EQ(0U, throttles());
}

TEST_F(Verbs, ARecreatedCgroupIsNotGivenItsPredecessorsOriginal) {
  lower("400");
  pod->remove();
  pod->create();
  pod->set_quota(70000);
  EXPECT_EQ(code(Exit::done), call({"restore"}).exit);
  EXPECT_EQ(70000, pod->quota());
}

TEST_F(Verbs, AForeignValueIsLeftAloneAndReported) {
  lower("400");
  pod->set_quota(33000);
  EXPECT_EQ(code(Exit::foreign), lower("300").exit);
  EXPECT_EQ(code(Exit::foreign), call({"raise", "batch/pod", "600"}).exit);
  EXPECT_TRUE(has(call({"status"}).out, "\"state\":\"foreign\""));
  EXPECT_EQ(code(Exit::foreign), call({"release", "batch/pod"}).exit);
  EXPECT_EQ(33000, pod->quota());
  EXPECT_EQ(0U, throttles());
}

TEST_F(Verbs, ARevertedQuotaIsReappliedThreeTimesAnHour) {
  lower("400");
  for (int i = 0; i < 3; ++i) {
    pod->set_quota(90000);
    EXPECT_TRUE(has(call({"status"}).out, "\"state\":\"reverted\""));
    EXPECT_EQ(code(Exit::done), lower("400").exit);
    EXPECT_EQ(40000, pod->quota());
  }
  pod->set_quota(90000);
  EXPECT_EQ(code(Exit::foreign), lower("400").exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, ALeaseThatNobodyRenewsExpires) {
  lower("400", "60");
  EXPECT_EQ(code(Exit::done), as_root({"restore", "--expired"}).exit);
  EXPECT_EQ(40000, pod->quota());
  age("deadline", 61);
  EXPECT_EQ(code(Exit::done), as_root({"restore", "--expired"}).exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, RenewalIsFreeAndChangesCost) {
  configure(config_text("", R"(, "budget_per_hour": 3)"));
  for (const char* quota : {"800", "700", "600"})
    EXPECT_EQ(code(Exit::done), lower(quota).exit);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code(Exit::done), lower("600").exit);
  EXPECT_EQ(code(Exit::budget), lower("500").exit);
  EXPECT_EQ(60000, pod->quota());
  EXPECT_EQ(code(Exit::budget), call({"freeze", "5", "--reason", "x"}).exit);
  EXPECT_EQ(code(Exit::done), call({"raise", "batch/pod", "650"}).exit);
  EXPECT_EQ(code(Exit::done), call({"release", "--all"}).exit);
  EXPECT_EQ(code(Exit::budget), lower("500").exit);
}

TEST_F(Verbs, ALowerLoopEndsWithinTheBudget) {
  configure(config_text("", R"(, "budget_per_hour": 20)"));
  int lowered = 0;
  for (int i = 0; i < 100; ++i) {
    lowered += lower("500").exit == 0 ? 1 : 0;
    call({"release", "batch/pod"});
  }
  EXPECT_EQ(20, lowered);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, AThrottleThatIsAlwaysRenewedEndsAllTheSame) {
  configure(config_text("", R"(, "longest_throttle": 100)"));
  EXPECT_EQ(code(Exit::done), lower("400").exit);
  age("since", 70);
  Ending ending = lower("400");
  EXPECT_TRUE(has(ending.out, "\"lease\":30") ||
              has(ending.out, "\"lease\":29"))
      << ending.out;
  age("since", 40);
  EXPECT_EQ(code(Exit::refused), lower("400").exit);
  age("deadline", 60);
  as_root({"restore", "--expired"});
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, AnotherBootsJournalIsForgotten) {
  lower("400");
  std::string text = journal();
  std::size_t at = text.find("\"boot_id\":\"") + 11;
  text[at] = text[at] == '0' ? '1' : '0';
  write_file(kPrefix + "/run/journal.json", text);
  EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
  EXPECT_EQ(40000, pod->quota());
}

TEST_F(Verbs, AnUnreadableJournalStopsEverything) {
  write_file(kPrefix + "/run/journal.json", "{");
  EXPECT_EQ(code(Exit::journal), lower("400").exit);
  EXPECT_EQ(code(Exit::journal), as_root({"restore"}).exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, TheKillSwitchStopsTakingAndReleasesEverything) {
  lower("400");
  write_file(kPrefix + "/etc/disabled", "");
  EXPECT_EQ(code(Exit::disabled), lower("300").exit);
  EXPECT_EQ(code(Exit::disabled), call({"freeze", "5", "--reason", "x"}).exit);
  EXPECT_EQ(code(Exit::done), as_root({"restore", "--expired"}).exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, RootRestoresWithoutAConfigurationAndNobodyElseDoes) {
  lower("400");
  ::unlink((kPrefix + "/etc/actuator.json").c_str());
  EXPECT_EQ(code(Exit::config), call({"restore"}).exit);
  EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, RecursiveLowersLeavesFirstAndRestoresParentsFirst) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 does not refuse";
  CpuCgroup container(kParent + "/pod/c0");
  CpuCgroup small(kParent + "/pod/c1");
  container.set_quota(80000);
  small.set_quota(5000);
  Ending ending = lower("400");
  EXPECT_EQ(code(Exit::rolled_back), ending.exit);
  EXPECT_TRUE(has(ending.err, "recursive")) << ending.err;
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
  configure(config_text(R"(, "recursive": true)"));
  EXPECT_EQ(code(Exit::done), lower("400").exit);
  EXPECT_EQ(40000, pod->quota());
  EXPECT_EQ(40000, container.quota());
  EXPECT_EQ(5000, small.quota());
  EXPECT_EQ(code(Exit::done), lower("200").exit);
  EXPECT_EQ(20000, container.quota());
  EXPECT_EQ(code(Exit::done), call({"raise", "batch/pod", "850"}).exit);
  EXPECT_EQ(85000, pod->quota());
  EXPECT_EQ(80000, container.quota());
  EXPECT_EQ(code(Exit::done), call({"release", "batch/pod"}).exit);
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(80000, container.quota());
  EXPECT_EQ(0U, throttles());
}

TEST_F(Verbs, ADescendantKeepsALongerLeaseOfItsOwn) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 does not refuse";
  configure(config_text(R"(, "recursive": true)"));
  CpuCgroup container(kParent + "/pod/c0");
  container.set_quota(80000);
  EXPECT_EQ(code(Exit::done), lower("500", "300", "batch/pod/c0").exit);
  EXPECT_EQ(code(Exit::done), lower("400", "60").exit);
  EXPECT_EQ(40000, container.quota());
  const std::string status = call({"status"}).out;
  const std::string container_status =
      status.substr(std::min(status.find("batch/pod/c0"), status.size()));
  // A second may pass meanwhile.
  EXPECT_TRUE(has(container_status, "\"lease\":300") ||
              has(container_status, "\"lease\":299"))
      << status;
  EXPECT_EQ(code(Exit::done), call({"restore"}).exit);
  EXPECT_EQ(80000, container.quota());
}

TEST_F(Verbs, AChildReleasedUnderAThrottledParentWaitsForIt) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 does not refuse";
  CpuCgroup container(kParent + "/pod/c0");
  container.set_quota(80000);
  EXPECT_EQ(code(Exit::done), lower("100", "60", "batch/pod/c0").exit);
  EXPECT_EQ(code(Exit::done), lower("400").exit);
  Ending ending = call({"release", "batch/pod/c0"});
  EXPECT_EQ(code(Exit::incomplete), ending.exit);
  EXPECT_TRUE(has(ending.err, "ancestor")) << ending.err;
  EXPECT_EQ(2U, throttles());
  EXPECT_EQ(code(Exit::done), call({"restore"}).exit);
  EXPECT_EQ(80000, container.quota());
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Verbs, ADescendantJustRemovedIsWaitedFor) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 does not refuse";
  for (int i = 0; i < 20; ++i) {
    CpuCgroup(kParent + "/pod/c0").set_quota(80000);  // and gone again
    EXPECT_EQ(code(Exit::done), lower("400").exit);
    EXPECT_EQ(code(Exit::done), call({"release", "batch/pod"}).exit);
  }
}

TEST_F(Verbs, TheFloorOfAShortPeriodIsTheKernels) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "writes the period the v1 way";
  ASSERT_TRUE(write_file(pod->path() + "/cpu.cfs_quota_us", "9000"));
  ASSERT_TRUE(write_file(pod->path() + "/cpu.cfs_period_us", "10000"));
  Ending ending = lower("60");
  EXPECT_EQ(code(Exit::done), ending.exit);
  EXPECT_TRUE(has(ending.out, "\"millicores\":100,")) << ending.out;
  EXPECT_EQ(1000, pod->quota());
}

TEST_F(Verbs, AFreezeHoldsTheKernelToItAndEnds) {
  configure(config_text(R"(, "exclusive": true)"));
  write_file(held + "/cgroup.max.descendants", "7");
  Ending ending = call({"freeze", "60", "--reason", "noisy"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ("0\n", limit());
  EXPECT_NE(0, ::mkdir((held + "/new").c_str(), 0755));
  EXPECT_TRUE(has(ending.out, CpuCgroup::is_v1()
                                  ? "\"enforced\":\"hook\""
                                  : "\"enforced\":\"kernel+hook\""))
      << ending.out;
  EXPECT_TRUE(has(call({"status"}).out, "\"frozen\":60"));
  EXPECT_EQ(code(Exit::done), call({"thaw"}).exit);
  EXPECT_EQ("7\n", limit());
  EXPECT_TRUE(has(call({"status"}).out, "\"frozen\":0"));
}

TEST_F(Verbs, ARunningFreezeIsNotExtended) {
  EXPECT_EQ(code(Exit::done), call({"freeze", "60", "--reason", "a"}).exit);
  Ending ending = call({"freeze", "3600", "--reason", "b"});
  EXPECT_EQ(code(Exit::done), ending.exit);
  EXPECT_TRUE(has(ending.out, "\"frozen\":60")) << ending.out;
}

TEST_F(Verbs, AnExpiredFreezeIsLiftedByRestoreExpired) {
  configure(config_text(R"(, "exclusive": true)"));
  call({"freeze", "60", "--reason", "a"});
  EXPECT_EQ(code(Exit::done), as_root({"restore", "--expired"}).exit);
  EXPECT_EQ("0\n", limit());
  age("deadline", 61);
  EXPECT_EQ(code(Exit::done), as_root({"restore", "--expired"}).exit);
  EXPECT_EQ("max\n", limit());
}

TEST_F(Verbs, AFreezeLoopEndsWithTheFirstFreeze) {
  int frozen = 0;
  for (int i = 0; i < 20; ++i) {
    frozen += call({"freeze", "60", "--reason", "a"}).exit == 0 ? 1 : 0;
    call({"thaw"});
  }
  EXPECT_EQ(1, frozen);
  configure(config_text("", R"(, "freeze_gap": 0, "budget_per_hour": 5)"));
  for (int i = 0; i < 20; ++i) {
    frozen += call({"freeze", "60", "--reason", "a"}).exit == 0 ? 1 : 0;
    call({"thaw"});
  }
  EXPECT_EQ(5, frozen);
}

TEST_F(Verbs, AForeignLimitSurvivesTheThaw) {
  configure(config_text(R"(, "exclusive": true)"));
  call({"freeze", "60", "--reason", "a"});
  write_file(held + "/cgroup.max.descendants", "3");
  EXPECT_EQ(code(Exit::foreign), call({"thaw"}).exit);
  EXPECT_EQ("3\n", limit());
}

TEST_F(Verbs, SelfTestPassesHereAndFailsWithoutAConfiguration) {
  Ending ending = call({"selftest"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ("", ending.err);
  ::unlink((kPrefix + "/etc/actuator.json").c_str());
  EXPECT_EQ(code(Exit::config), call({"selftest"}).exit);
}

TEST_F(Verbs, SelfTestNamesAnAliasThatLeadsNowhere) {
  configure(R"({"callers": [54321], "aliases": {"batch": {"cgroup":
      "/sys/fs/cgroup/cpu/batch"}}})");
  Ending ending = call({"selftest"});
  EXPECT_EQ(code(Exit::done), ending.exit);
  EXPECT_TRUE(has(ending.err, "alias batch: there is no such")) << ending.err;
}

TEST_F(Verbs, StatusWaitsForNobody) {
  lower("400");
  Ending ending = call({"status"});
  EXPECT_EQ(code(Exit::done), ending.exit);
  EXPECT_TRUE(has(ending.out,
                  "{\"target\":\"batch/pod\",\"state\":\"ours\","
                  "\"millicores\":400,\"original_millicores\":900,\"lease\":"))
      << ending.out;
  EXPECT_TRUE(has(ending.out, "\"budget_left\":119")) << ending.out;
}

}  // namespace
}  // namespace cpi::live
