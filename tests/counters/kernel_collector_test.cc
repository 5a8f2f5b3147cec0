#include "counters/kernel_collector_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cerrno>
#include <filesystem>

namespace cpi {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(KernelCollectorTest, ReadsAServiceOnAPureV2Host) {
  cgroup("web", 7000);
  perf_.bytes[{tree_.path("cg/web"), 0}] = {2, 100, 50, 300, 200};
  perf_.bytes[{tree_.path("cg/web"), 1}] = {2, 10, 10, 30, 20};
  start();
  const Readings& readings = collect();
  EXPECT_EQ(readings.host.online_cpus, 2);
  EXPECT_TRUE(readings.host.steal);
  ASSERT_THAT(readings.services, SizeIs(1));
  EXPECT_EQ(readings.services[0].workload, "web");
  const Reading& reading = readings.services[0].reading;
  EXPECT_EQ(reading.cgroup.path, "/web");
  EXPECT_NE(reading.cgroup.inode, 0U);
  EXPECT_EQ(reading.time, now_);
  EXPECT_EQ(reading.cpu_time, microseconds(7000));
  EXPECT_EQ(reading.throttled, microseconds(30));
  EXPECT_EQ(reading.waited, microseconds(5000));
  EXPECT_EQ(reading.wait_source, WaitSource::psi);
  EXPECT_EQ(reading.uncounted, "");
  ASSERT_THAT(reading.counts, SizeIs(2));
  EXPECT_EQ(reading.counts[0].instructions, 200U);
  EXPECT_EQ(reading.counts[1].enabled, nanoseconds(10));
  EXPECT_THAT(readings.batch, IsEmpty());
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(KernelCollectorTest, OnlyServicesAreCounted) {
  cgroup("web");
  cgroup("job");
  start();
  const Readings& readings = collect();
  ASSERT_THAT(readings.batch, SizeIs(1));
  EXPECT_THAT(readings.batch[0].reading.counts, IsEmpty());
  EXPECT_EQ(readings.batch[0].reading.uncounted, "");
  EXPECT_TRUE(readings.batch[0].reading.cpu_time);
  EXPECT_EQ(perf_.open_now(), 4);
}

TEST_F(KernelCollectorTest, ABatchIsCountedWhenItsBlockAsksForIt) {
  config_.batch[0].count = true;
  cgroup("job");
  start();
  EXPECT_THAT(collect().batch[0].reading.counts, SizeIs(2));
}

TEST_F(KernelCollectorTest, EachReplicaIsReadAndAMatchInsideAnotherIsNot) {
  config_.services[0].selectors[0].text = "/web*/**";
  cgroup("web-1");
  cgroup("web-1/inner");
  cgroup("web-2");
  start();
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(2));
  EXPECT_EQ(readings.services[0].reading.cgroup.path, "/web-1");
  EXPECT_EQ(readings.services[1].reading.cgroup.path, "/web-2");
  EXPECT_EQ(perf_.open_now(), 8);
}

TEST_F(KernelCollectorTest, AHostOnV1AndV2IsReadThroughItsProcesses) {
  mounts_ = {{{tree_.path("cpu"), false, {"cpu"}},
              {tree_.path("acct"), false, {"cpuacct"}},
              {tree_.path("uni"), true, {}}}};
  tree_.write("proc/7/cgroup", "2:cpuacct:/acct-of-web\n1:cpu:/web\n0::/u/w\n");
  tree_.write("cpu/web/cgroup.procs", "7\n");
  tree_.write("cpu/web/tasks", "7\n");
  tree_.write("cpu/web/cpu.stat", "nr_throttled 0\nthrottled_time 40\n");
  tree_.write("acct/acct-of-web/cpuacct.usage", "9000\n");
  tree_.write("uni/u/w/cpu.pressure", kPressure);
  tree_.write("uni/u/w/cgroup.procs", "7\n");
  perf_.bytes[{tree_.path("uni/u/w"), 0}] = {2, 1, 1, 3, 2};
  start();
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(1));
  const Reading& reading = readings.services[0].reading;
  EXPECT_EQ(reading.throttled, nanoseconds(40));
  EXPECT_EQ(reading.cpu_time, nanoseconds(9000));
  EXPECT_EQ(reading.waited, microseconds(5000));
  ASSERT_THAT(reading.counts, SizeIs(2));
  EXPECT_EQ(reading.counts[0].cycles, 3U);
}

TEST_F(KernelCollectorTest, ProcessesInTheRootOfThePerfHierarchyAreAReason) {
  mounts_ = {
      {{tree_.path("cpu"), false, {"cpu"}}, {tree_.path("uni"), true, {}}}};
  tree_.write("proc/7/cgroup", "1:cpu:/web\n0::/\n");
  tree_.write("cpu/web/cgroup.procs", "7\n");
  tree_.write("cpu/web/tasks", "7\n");
  tree_.write("uni/cgroup.procs", "7\n");
  tree_.write("proc/7/task/7/schedstat", "1 2 3\n");
  start();
  for (int i = 0; i < 30; ++i) collect();
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(1));
  const Reading& reading = readings.services[0].reading;
  EXPECT_THAT(reading.uncounted, HasSubstr("in the root of"));
  EXPECT_THAT(reading.counts, IsEmpty());
  // Pressure of the root is not its own either.
  EXPECT_EQ(reading.wait_source, WaitSource::run_queue_delay);
  EXPECT_THAT(log_, SizeIs(1));
  EXPECT_THAT(log_[0], HasSubstr("/web is not counted"));
}

TEST_F(KernelCollectorTest, AMappingThatWasGuessedIsMadeAgain) {
  mounts_ = {
      {{tree_.path("cpu"), false, {"cpu"}}, {tree_.path("uni"), true, {}}}};
  tree_.write("cpu/web/cgroup.procs", "");
  tree_.write("uni/web/", "");
  start();
  const auto first_epoch = collect().services[0].reading.epoch;
  EXPECT_EQ(perf_.opened.back().cgroup, tree_.path("uni/web"));
  tree_.write("proc/7/cgroup", "1:cpu:/web\n0::/real\n");
  tree_.write("cpu/web/cgroup.procs", "7\n");
  tree_.write("uni/real/cgroup.procs", "7\n");
  const Readings& readings = collect(KernelCollector::kRetry);
  EXPECT_EQ(perf_.opened.back().cgroup, tree_.path("uni/real"));
  EXPECT_EQ(perf_.open_now(), 4);
  EXPECT_NE(readings.services[0].reading.epoch, first_epoch);
}

TEST_F(KernelCollectorTest, WithoutPmuTheRestGoesOnAndItIsSaidOnce) {
  perf_.open_fault = [](const FakePerf::Opened&) { return ENOENT; };
  cgroup("web");
  start();
  for (int i = 0; i < 20; ++i) collect(seconds(10));
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(1));
  EXPECT_TRUE(readings.services[0].reading.cpu_time);
  EXPECT_TRUE(readings.services[0].reading.waited);
  EXPECT_THAT(readings.services[0].reading.uncounted, HasSubstr("no PMU"));
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_THAT(log_[0], HasSubstr("CPU time, wait and throttling go on"));
}

TEST_F(KernelCollectorTest, AnUnknownEventIsAnErrorOfTheConfiguration) {
  config_.counters.cycles_event = "cpu-clok";
  cgroup("web");
  start();
  EXPECT_TRUE(collect().services[0].reading.cpu_time);
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_EQ(severities_[0], Severity::error);
  EXPECT_THAT(log_[0], HasSubstr("CyclesEvent: event \"cpu-clok\": "));
  EXPECT_THAT(log_[0], HasSubstr("nearest known events: "));
  EXPECT_THAT(log_[0], HasSubstr("CPU-CLOCK"));
}

TEST_F(KernelCollectorTest, AHostWithoutPmuIsNoErrorOfTheConfiguration) {
  perf_.open_fault = [](const FakePerf::Opened&) { return ENOENT; };
  cgroup("web");
  start();
  collect();
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_EQ(severities_[0], Severity::warning);
}

TEST_F(KernelCollectorTest, APmuThatAppearsIsUsed) {
  perf_.open_fault = [](const FakePerf::Opened&) { return EACCES; };
  cgroup("web");
  start();
  EXPECT_THAT(collect().services[0].reading.counts, IsEmpty());
  perf_.open_fault = nullptr;
  EXPECT_THAT(collect(Discovery::kFullScan).services[0].reading.counts,
              SizeIs(2));
  EXPECT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[0], HasSubstr("CAP_PERFMON"));
}

TEST_F(KernelCollectorTest, OneCgroupThatCannotBeOpenedDoesNotHurtOthers) {
  cgroup("web-1");
  cgroup("web-2");
  perf_.open_fault = [this](const FakePerf::Opened& event) {
    return event.cgroup == tree_.path("cg/web-1") ? EMFILE : 0;
  };
  start();
  const Readings& readings = collect();
  EXPECT_THAT(readings.services[0].reading.counts, IsEmpty());
  EXPECT_THAT(readings.services[0].reading.uncounted, HasSubstr("LimitNOFILE"));
  EXPECT_THAT(readings.services[1].reading.counts, SizeIs(2));
  perf_.open_fault = nullptr;
  EXPECT_THAT(collect(KernelCollector::kRetry).services[0].reading.counts,
              SizeIs(2));
  EXPECT_THAT(log_, Contains(HasSubstr("/web-1 is counted now")));
}

TEST_F(KernelCollectorTest, ACgroupThatGoesWhileOthersAreOpenedIsNoTrouble) {
  cgroup("web-1");
  cgroup("web-2");
  perf_.open_fault = [this](const FakePerf::Opened& opened) {
    if (opened.cgroup == tree_.path("cg/web-1")) tree_.remove("cg/web-2");
    return 0;
  };
  start();
  collect();
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(1));
  EXPECT_EQ(readings.services[0].reading.cgroup.path, "/web-1");
  EXPECT_THAT(readings.services[0].reading.counts, SizeIs(2));
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(KernelCollectorTest, CountersThatFailAreOpenedAgainAndSayReopened) {
  cgroup("web");
  start();
  const auto first_epoch = collect().services[0].reading.epoch;
  perf_.read_fault = EIO;
  EXPECT_THAT(collect().services[0].reading.counts, IsEmpty());
  EXPECT_EQ(perf_.open_now(), 0);
  perf_.read_fault = 0;
  const Readings& readings = collect();
  EXPECT_THAT(readings.services[0].reading.counts, SizeIs(2));
  EXPECT_NE(readings.services[0].reading.epoch, first_epoch);
}

TEST_F(KernelCollectorTest, HotplugOpensEveryCounterAnew) {
  cgroup("web");
  start();
  const auto first_epoch = collect().services[0].reading.epoch;
  tree_.write("sys/devices/system/cpu/online", "0\n");
  const Readings& readings = collect();
  EXPECT_EQ(readings.host.online_cpus, 1);
  EXPECT_THAT(readings.services[0].reading.counts, SizeIs(1));
  EXPECT_NE(readings.services[0].reading.epoch, first_epoch);
  EXPECT_EQ(perf_.open_now(), 2);
}

TEST_F(KernelCollectorTest, AReplacedReplicaIsAnotherCgroup) {
  cgroup("web");
  start();
  const CgroupId before = collect().services[0].reading.cgroup;
  tree_.rename("cg/web", "cg/gone");
  cgroup("web");
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(1));
  EXPECT_FALSE(readings.services[0].reading.cgroup == before);
  EXPECT_EQ(perf_.open_now(), 4);
}

TEST_F(KernelCollectorTest, ARenamedCgroupGoesByItsNewName) {
  cgroup("web-1");
  start();
  collect();
  tree_.rename("cg/web-1", "cg/web-9");
  EXPECT_EQ(collect().services[0].reading.cgroup.path, "/web-9");
  EXPECT_EQ(perf_.open_now(), 4);
}

TEST_F(KernelCollectorTest, FilesThatFailAreSaidOnceForEachCgroup) {
  namespace fs = std::filesystem;
  for (const char* name : {"web-1", "web-2"}) {
    cgroup(name);
    const std::string pressure = tree_.path("cg/") + name + "/cpu.pressure";
    fs::remove(pressure);
    fs::create_symlink(pressure, pressure);  // ELOOP, also for root
  }
  start();
  for (int i = 0; i < 5; ++i) collect(Discovery::kFullScan);
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[0], HasSubstr("/web-1/cpu.pressure"));
  EXPECT_THAT(log_[1], HasSubstr("/web-2/cpu.pressure"));
  tree_.remove("cg/web-1/cpu.pressure");
  tree_.write("cg/web-1/cpu.pressure", kPressure);
  collect(Discovery::kFullScan);
  ASSERT_THAT(log_, SizeIs(3));
  EXPECT_THAT(log_[2], HasSubstr("files of /web-1 can be read now"));
  // What comes back under the name of one that is gone is another.
  tree_.rename("cg/web-2", "gone");
  collect();
  tree_.rename("gone", "cg/web-2");
  collect();
  EXPECT_THAT(log_, SizeIs(4));
}

TEST_F(KernelCollectorTest, PausedCountersAreReadAndStartedAgain) {
  cgroup("web");
  start();
  collect();
  perf_.commands.clear();
  collector_->pause();
  EXPECT_THAT(perf_.commands, SizeIs(2));
  EXPECT_THAT(collect().services[0].reading.counts, SizeIs(2));
  EXPECT_THAT(perf_.commands, SizeIs(4));
  perf_.control_fault = EBADF;
  collector_->pause();
  EXPECT_THAT(collect().services[0].reading.counts, IsEmpty());
}

TEST_F(KernelCollectorTest, WithoutPressureTheRunQueueTellsTheWait) {
  cgroup("web");
  tree_.remove("cg/web/cpu.pressure");
  tree_.write("cg/web/cgroup.threads", "5\n");
  tree_.write("proc/5/task/5/schedstat", "1 1000 1\n");
  start();
  EXPECT_EQ(collect().services[0].reading.waited, seconds(0));
  tree_.write("proc/5/task/5/schedstat", "1 3000 1\n");
  const Readings& readings = collect();
  EXPECT_EQ(readings.services[0].reading.waited, nanoseconds(2000));
  EXPECT_EQ(readings.services[0].reading.wait_source,
            WaitSource::run_queue_delay);
}

TEST_F(KernelCollectorTest, ALimitOfAContainerOrASliceIsTheServicesOwn) {
  config_.services[0].selectors[0].text = "/slice/pod";
  cgroup("slice/pod");
  const auto quota = [this](const std::string& name, int throttled_us) {
    tree_.write("cg/" + name + "/cpu.max", "20000 100000\n");
    tree_.write("cg/" + name + "/cpu.stat",
                "throttled_usec " + std::to_string(throttled_us) + "\n");
  };
  quota("slice", 1000);
  start();
  EXPECT_EQ(collect().services[0].reading.throttled, microseconds(30));
  quota("slice", 1100);
  EXPECT_EQ(collect().services[0].reading.throttled, microseconds(130));
  quota("slice/pod/container", 7000);
  quota("slice/pod/container/other", 8000);
  EXPECT_EQ(collect().services[0].reading.throttled, microseconds(130));
  quota("slice/pod/container", 7020);
  EXPECT_EQ(collect().services[0].reading.throttled, microseconds(150));
  // One that is gone takes nothing back, and an unlimited one adds nothing.
  tree_.remove("cg/slice/pod/container");
  tree_.write("cg/slice/cpu.max", "max 100000\n");
  tree_.write("cg/another/", "");
  quota("slice", 9000);
  tree_.write("cg/slice/cpu.max", "max 100000\n");
  EXPECT_EQ(collect().services[0].reading.throttled, microseconds(150));
}

TEST_F(KernelCollectorTest, OnlyAServiceIsAskedHowLongItWaited) {
  cgroup("job");
  start();
  const Reading& reading = collect().batch[0].reading;
  EXPECT_FALSE(reading.waited);
  EXPECT_EQ(reading.wait_source, WaitSource::none);
  EXPECT_EQ(reading.throttled, microseconds(30));
}

TEST_F(KernelCollectorTest, WhatCannotBeReadIsAbsentNotZero) {
  cgroup("web");
  tree_.write("cg/web/cpu.stat", "nonsense\n");
  tree_.remove("cg/web/cpu.pressure");
  tree_.remove("proc/self/schedstat");
  start();
  const Readings& readings = collect();
  ASSERT_THAT(readings.services, SizeIs(1));
  EXPECT_FALSE(readings.services[0].reading.cpu_time);
  EXPECT_FALSE(readings.services[0].reading.throttled);
  EXPECT_FALSE(readings.services[0].reading.waited);
  EXPECT_EQ(readings.services[0].reading.wait_source, WaitSource::none);
}

TEST_F(KernelCollectorTest, NothingSelectedIsNoError) {
  start();
  const Readings& readings = collect();
  EXPECT_THAT(readings.services, IsEmpty());
  EXPECT_EQ(readings.host.online_cpus, 2);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(KernelCollectorTest, WithoutAnyHierarchyThereIsNoCollector) {
  Environment environment;
  environment.proc = tree_.path("proc");
  environment.sys = tree_.path("sys");
  environment.mounts.emplace();
  const auto sink = [](Severity, const std::string&) {};
  EXPECT_FALSE(KernelCollector::create(config_, sink, environment));
  environment.mounts = mounts_;
  environment.sys = "/nonexistent";
  EXPECT_FALSE(KernelCollector::create(config_, sink, environment));
}

}  // namespace
}  // namespace cpi
