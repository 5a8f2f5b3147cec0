// The kernel collector on this host's own kernel. Software events take exactly
// the way of hardware ones and need no PMU.
#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "counters/kernel_collector.h"
#include "live/live_cgroup.h"
#include "sample/sampler.h"

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant now() { return Instant(std::chrono::steady_clock::now()); }

void pass(Duration duration) { std::this_thread::sleep_for(duration); }

Config software_config(const std::string& glob) {
  Config config;
  config.counters.cycles_event = "cpu-clock";
  config.counters.instructions_event = "task-clock";
  config.services.push_back({"svc", {{Selector::Kind::glob, glob}}});
  return config;
}

class CountersLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root for cgroups and perf";
    LiveCgroup probe("/cpi-probe");
    if (!probe.usable()) GTEST_SKIP() << "no writable cgroup file system";
  }

  void watch(const Config& config) {
    auto collector = KernelCollector::create(
        config,
        [this](Severity, const std::string& line) { log_ += line + "\n"; });
    ASSERT_TRUE(collector) << collector.error().message();
    collector_ = *std::move(collector);
    sampler_ = std::make_unique<Sampler>(config.sampler);
  }

  const Samples& tick() {
    readings_ = *collector_->collect(now());
    return sampler_->update(*readings_);
  }

  std::unique_ptr<KernelCollector> collector_;
  std::unique_ptr<Sampler> sampler_;
  const Readings* readings_ = nullptr;
  std::string log_;
};

// What a command prints, both streams.
std::string output_of(FILE* pipe) {
  std::string text;
  char part[512];
  while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
  return text;
}

// The count that `perf stat -x,` printed for an event; 0 if it did not.
double counted_by_perf(const std::string& output, const std::string& event) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(event) != std::string::npos)
      return std::strtod(line.c_str(), nullptr);
  }
  return 0;
}

TEST_F(CountersLiveTest, ClocksOfABurningCgroupAreThoseOfPerfStat) {
  if (std::system("perf --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "perf is not installed";
  }
  LiveCgroup cgroup("/cpi-burn");
  Child child(cgroup, burn);
  watch(software_config("/cpi-burn"));
  // Both watch the same burning from idle to idle, so that when exactly each
  // started does not matter.
  FILE* perf = ::popen(
      "perf stat -a -x, -e cpu-clock,task-clock -G cpi-burn,cpi-burn "
      "-- sleep 7 2>&1",
      "r");
  ASSERT_NE(perf, nullptr);
  pass(milliseconds(1000));
  tick();
  child.run();
  pass(seconds(5));
  child.stop();
  const Samples& samples = tick();
  const std::string output = output_of(perf);
  ASSERT_EQ(::pclose(perf), 0) << output;
  ASSERT_EQ(samples.services.size(), 1U) << log_;
  const Sample& sample = samples.services[0];
  ASSERT_TRUE(sample.counted) << to_string(sample.counted.error()) << log_;
  const double cpu_clock_ms = sample.counted->cycles / 1e6;
  const double task_clock_ms = sample.counted->instructions / 1e6;
  std::printf("cpu-clock %.1f ms (perf %.1f), task-clock %.1f ms (perf %.1f)\n",
              cpu_clock_ms, counted_by_perf(output, "cpu-clock"), task_clock_ms,
              counted_by_perf(output, "task-clock"));
  EXPECT_GT(cpu_clock_ms, 1000);
  EXPECT_NEAR(cpu_clock_ms / counted_by_perf(output, "cpu-clock"), 1, 0.01);
  EXPECT_NEAR(task_clock_ms / counted_by_perf(output, "task-clock"), 1, 0.01);
  // The cgroup's own accounting agrees with its counters.
  EXPECT_NEAR(
      *sample.cpus * to_seconds(sample.end - sample.begin) * 1e3 / cpu_clock_ms,
      1, 0.03);
}

// A fifth of a CPU; false where there are no quotas.
bool limit(const LiveCgroup& cgroup) {
  return write_file(cgroup.primary() + "/cpu.cfs_quota_us", "20000") ||
         write_file(cgroup.primary() + "/cpu.max", "20000 100000");
}

class LimitLiveTest : public CountersLiveTest {
 protected:
  // The sample of three seconds in which the only task of `service` may use a
  // fifth of a CPU.
  void sample(const Child& child, const std::string& service) {
    watch(software_config(service));
    child.run();
    tick();
    pass(seconds(3));
    const Samples& samples = tick();
    ASSERT_EQ(samples.services.size(), 1U) << log_;
    sample_ = samples.services[0];
    ASSERT_TRUE(sample_.cpu_wait);
    ASSERT_TRUE(sample_.throttled);
    std::printf("cpus %.3f, wait %.3f (%s), throttled %.3f\n", *sample_.cpus,
                *sample_.cpu_wait,
                std::string(to_string(sample_.wait_source)).c_str(),
                *sample_.throttled);
    EXPECT_NEAR(*sample_.cpus, 0.2, 0.03);
  }

  Sample sample_;
};

TEST_F(LimitLiveTest, AServiceUnderItsOwnQuotaWaitsForItsOwnLimit) {
  LiveCgroup service("/cpi-limit");
  if (!limit(service)) GTEST_SKIP() << "no CPU quota on this host";
  Child child(service, burn);
  sample(child, "/cpi-limit");
  EXPECT_EQ(sample_.wait_cause, WaitCause::limit);
}

TEST_F(LimitLiveTest, ALimitOfItsContainerIsItsOwnToo) {
  LiveCgroup pod("/cpi-pod");
  LiveCgroup container("/cpi-pod/cpi-container");
  if (!limit(container)) GTEST_SKIP() << "no CPU quota on this host";
  Child child(container, burn);
  sample(child, "/cpi-pod");
  EXPECT_EQ(sample_.wait_cause, WaitCause::limit);
}

TEST_F(CountersLiveTest, ReplicasAreSampledEachAndANestedMatchOnce) {
  LiveCgroup first("/cpi-rep-1");
  LiveCgroup second("/cpi-rep-2");
  LiveCgroup inner("/cpi-rep-1/cpi-rep-inner");
  Child a(inner, burn);
  Child b(second, burn);
  watch(software_config("/**/cpi-rep-*"));
  a.run();
  b.run();
  tick();
  pass(milliseconds(500));
  const Samples& samples = tick();
  ASSERT_EQ(samples.services.size(), 2U) << log_;
  EXPECT_EQ(samples.services[0].cgroup.path, "/cpi-rep-1");
  EXPECT_EQ(samples.services[1].cgroup.path, "/cpi-rep-2");
  for (const Sample& sample : samples.services) {
    ASSERT_TRUE(sample.counted) << to_string(sample.counted.error());
    // Descendants included: each burns for half a second, less what it waits.
    EXPECT_GT(sample.counted->cycles, 1e8);
  }
}

TEST_F(CountersLiveTest, AReplicaReplacedBetweenTwoReadsGivesNoSample) {
  auto first = std::make_unique<LiveCgroup>("/cpi-again");
  watch(software_config("/cpi-again"));
  tick();
  first.reset();
  LiveCgroup second("/cpi-again");
  const Samples& samples = tick();
  EXPECT_TRUE(samples.services.empty());
  ASSERT_EQ(samples.rejected.size(), 1U);
  EXPECT_EQ(samples.rejected[0].reason, NoSample::cgroup_replaced);
}

TEST_F(CountersLiveTest, CgroupsAreSeenWhenTheyAppearMoveAndVanish) {
  watch(software_config("/cpi-seen*"));
  tick();
  EXPECT_TRUE(readings_->services.empty());
  auto cgroup = std::make_unique<LiveCgroup>("/cpi-seen");
  tick();
  EXPECT_EQ(readings_->services.size(), 1U);
  cgroup.reset();
  tick();
  EXPECT_TRUE(readings_->services.empty());
}

// Path of an open descriptor's target.
std::string target_of(const std::string& fd) {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/fd/" + fd, failed).string();
}

TEST_F(CountersLiveTest, EveryDescriptorIsCloseOnExec) {
  LiveCgroup cgroup("/cpi-cloexec");
  std::set<std::string> before;
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
    before.insert(fd.path().filename());
  }
  watch(software_config("/cpi-cloexec"));
  tick();
  ASSERT_EQ(collector_->stats().counted, 1U) << log_;
  std::size_t ours = 0;
  std::vector<std::string> fds;
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
    fds.push_back(fd.path().filename());
  }
  for (const std::string& fd : fds) {
    std::ifstream info("/proc/self/fdinfo/" + fd);
    if (before.count(fd) > 0 || !info) continue;  // the listing's own is gone
    const std::string text((std::istreambuf_iterator<char>(info)), {});
    const std::size_t at = text.find("flags:");
    ASSERT_NE(at, std::string::npos);
    const long flags = std::strtol(text.c_str() + at + 6, nullptr, 8);
    EXPECT_TRUE(flags & O_CLOEXEC) << target_of(fd);
    ++ours;
  }
  EXPECT_EQ(ours, collector_->stats().fds_open);
}

std::size_t open_fds() {
  const std::filesystem::directory_iterator fds("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(fds), end(fds)));
}

long resident_kib() {
  std::ifstream statm("/proc/self/statm");
  long size = 0;
  long resident = 0;
  statm >> size >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

// CPI_CHURN=5000 for the long run at 50 a second; the default is short.
TEST_F(CountersLiveTest, ChurnLeaksNeitherDescriptorsNorMemory) {
  const char* wanted = std::getenv("CPI_CHURN");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 500;
  const auto period = wanted != nullptr ? milliseconds(20) : milliseconds(2);
  Config config = software_config("/cpi-churn-*");
  config.batch.push_back({"all", {{Selector::Kind::glob, "/cpi-batch-*"}}});
  watch(config);
  const auto churn = [&](int i) {
    LiveCgroup service("/cpi-churn-" + std::to_string(i));
    LiveCgroup batch("/cpi-batch-" + std::to_string(i));
    tick();
    EXPECT_EQ(readings_->services.size(), 1U) << i;
    pass(period);
  };
  for (int i = 0; i < 100; ++i) churn(i);  // until every buffer has its size
  tick();
  const std::size_t fds = open_fds();
  const long resident = resident_kib();
  for (int i = 0; i < rounds; ++i) churn(i);
  tick();
  std::printf("%d cgroups: fds %zu -> %zu, RSS %ld -> %ld KiB\n", rounds, fds,
              open_fds(), resident, resident_kib());
  EXPECT_NEAR(static_cast<double>(open_fds()), static_cast<double>(fds), 1);
  // The sanitizers keep what is freed.
  if (!CPI_SANITIZED) {
    EXPECT_LE(resident_kib(), resident + 256);
  }
}

TEST_F(CountersLiveTest, CountingOnlyAPartOfTheTimeStillTellsTheRate) {
  LiveCgroup cgroup("/cpi-duty");
  Child child(cgroup, burn);
  Config config = software_config("/cpi-duty");
  config.counters.count_time = milliseconds(200);
  // The kernel reads task-clock off the time of its context, which a pause
  // may upset like the enabled time (README.md, limits); cpu-clock has its own.
  config.counters.instructions_event = "cpu-clock";
  watch(config);
  child.run();
  tick();
  constexpr int kWindows = 12;
  int counted = 0;
  for (int window = 0; window < kWindows; ++window) {
    pass(milliseconds(200));
    collector_->pause();
    pass(milliseconds(300));
    const Samples& samples = tick();
    ASSERT_EQ(samples.services.size(), 1U);
    const Sample& sample = samples.services[0];
    // On a CPU where nothing else ran between start and pause the kernel leaves
    // the enabled time where it was: such a window is withheld.
    if (!sample.counted) continue;
    ++counted;
    EXPECT_NEAR(sample.counted->cpi(), 1, 0.02) << window;
    EXPECT_GT(sample.counted->cycles, 0) << window;
  }
  EXPECT_GE(counted, kWindows / 2);
}

TEST_F(CountersLiveTest, HardwareCountersGiveAPlausibleCpi) {
  if (std::system("perf stat -e cycles -- true 2>&1 | grep -q supported") ==
      0) {
    GTEST_SKIP() << "no PMU on this host (perf: cycles not supported)";
  }
  LiveCgroup cgroup("/cpi-hw");
  Child child(cgroup, burn);
  Config config = software_config("/cpi-hw");
  config.counters = {};
  watch(config);
  child.run();
  tick();
  pass(seconds(1));
  const Samples& samples = tick();
  ASSERT_EQ(samples.services.size(), 1U);
  ASSERT_TRUE(samples.services[0].counted) << log_;
  EXPECT_GT(samples.services[0].counted->cpi(), 0.1);
  EXPECT_LT(samples.services[0].counted->cpi(), 20);
}

TEST_F(CountersLiveTest, WithoutPmuItSaysSoOnceAndReadsTheRest) {
  if (std::system("perf stat -e cycles -- true 2>&1 | grep -q supported") !=
      0) {
    GTEST_SKIP() << "this host has a PMU";
  }
  LiveCgroup cgroup("/cpi-nopmu");
  Config config = software_config("/cpi-nopmu");
  config.counters = {};
  watch(config);
  tick();
  pass(milliseconds(100));
  const Samples& samples = tick();
  ASSERT_EQ(samples.services.size(), 1U);
  EXPECT_TRUE(samples.services[0].cpu_usage);
  EXPECT_TRUE(samples.services[0].cpu_wait);
  EXPECT_EQ(std::count(log_.begin(), log_.end(), '\n'), 1) << log_;
  EXPECT_NE(log_.find("PMU"), std::string::npos) << log_;
}

}  // namespace
}  // namespace cpi
