// True numbers, from the kernel through the module and the daemon to its csv
// files. Software events take exactly the way of hardware ones and need no PMU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "live/daemon.h"
#include "live/live_cgroup.h"

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kInterval = 0.5;
// cpu-clock and task-clock count nanoseconds: 10^9 a second and CPU.
constexpr char kClocks[] =
    "CyclesEvent \"cpu-clock\"\n"
    "InstructionsEvent \"task-clock\"\n"
    "MinInstructions 1000\n";
// task-clock reads the time of its perf context, which the kernel (seen on
// 6.18) leaves alone while a CPU runs one task from an enable to the disable:
// such a pause makes it count nothing. cpu-clock has a clock of its own.
constexpr char kOneClock[] =
    "CyclesEvent \"cpu-clock\"\n"
    "InstructionsEvent \"cpu-clock\"\n"
    "MinInstructions 1000\n";

std::string service(const std::string& name, const std::string& glob) {
  return "<Service \"" + name + "\">\n  Cgroup \"" + glob + "\"\n</Service>\n";
}

// `perf stat -a -G CGROUP` for some seconds, beside what is tested.
class PerfStat {
 public:
  static bool available() {
    return std::system("perf --version >/dev/null 2>&1") == 0;
  }

  PerfStat(const std::string& cgroup, int for_seconds)
      : pipe_(::popen(
            ("perf stat -a -x, -e cpu-clock,task-clock -G " + cgroup + "," +
             cgroup + " -- sleep " + std::to_string(for_seconds) + " 2>&1")
                .c_str(),
            "r")) {}
  PerfStat(const PerfStat&) = delete;
  PerfStat& operator=(const PerfStat&) = delete;
  ~PerfStat() { ::pclose(pipe_); }

  // Waits for it to end.
  std::string output() {
    std::string text;
    char part[512];
    while (std::fgets(part, sizeof part, pipe_)) text += part;
    return text;
  }

  // What it counted; 0 if it did not.
  static double milliseconds_of(const std::string& output,
                                const std::string& event) {
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(event) != std::string::npos) {
        return std::strtod(line.c_str(), nullptr);
      }
    }
    return 0;
  }

 private:
  FILE* pipe_;
};

class CollectdCountsLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
    if (::geteuid() != 0) GTEST_SKIP() << "needs root for cgroups and perf";
    const LiveCgroup probe("/cpi-probe");
    if (!probe.usable()) GTEST_SKIP() << "no writable cgroup file system";
  }

  void TearDown() override {
    if (!live_) return;
    EXPECT_THAT(live_->log_lines("Sanitizer"), IsEmpty()) << live_->log();
  }

  LiveDaemon& start(const std::string& options,
                    const std::string& events = kClocks) {
    live_ = std::make_unique<LiveDaemon>(
        LiveDaemon::with_module(events + options, kInterval));
    live_->start();
    return *live_;
  }

  // Σ rate × interval of a series: what was counted in total.
  [[nodiscard]] double total(const std::string& identifier) const {
    double sum = 0;
    double last = 0;
    for (const auto& [time, rate] : live_->stored(identifier)) {
      // The csv plugin rounds nothing: the time between two lines is exact.
      if (last > 0) sum += rate * (time - last);
      last = time;
    }
    return sum;
  }

  std::unique_ptr<LiveDaemon> live_;
};

TEST_F(CollectdCountsLiveTest, ClocksThroughCsvAreThoseOfPerfStat) {
  if (!PerfStat::available()) GTEST_SKIP() << "perf is not installed";
  LiveCgroup cgroup("/cpi-csv-burn");
  Child child(cgroup, burn);
  LiveDaemon& live = start(service("burn", "/cpi-csv-burn"));
  // Both watch the same burning from idle to idle, so that when exactly each
  // of them started does not matter.
  ASSERT_TRUE(live.eventually_stores("cpi-service_burn/perf-cycles", 2))
      << live.log();
  PerfStat perf("cpi-csv-burn", 7);
  std::this_thread::sleep_for(milliseconds(1000));
  child.run();
  std::this_thread::sleep_for(seconds(5));
  child.stop();
  const std::string output = perf.output();
  const std::size_t windows =
      live.stored("cpi-service_burn/perf-cycles").size() + 2;
  ASSERT_TRUE(live.eventually_stores("cpi-service_burn/perf-cycles", windows));
  const double cpu_clock = total("cpi-service_burn/perf-cycles") / 1e6;
  const double task_clock = total("cpi-service_burn/perf-instructions") / 1e6;
  const double perf_cpu_clock = PerfStat::milliseconds_of(output, "cpu-clock");
  const double perf_task_clock =
      PerfStat::milliseconds_of(output, "task-clock");
  std::printf("cpu-clock %.1f ms (perf %.1f), task-clock %.1f ms (perf %.1f)\n",
              cpu_clock, perf_cpu_clock, task_clock, perf_task_clock);
  EXPECT_GT(perf_cpu_clock, 1000);
  EXPECT_NEAR(cpu_clock / perf_cpu_clock, 1, 0.01);
  EXPECT_NEAR(task_clock / perf_task_clock, 1, 0.01);
  EXPECT_FALSE(live.stored("cpi-service_burn/gauge-cpi").empty());
  EXPECT_THAT(live.log_lines("[error]"), IsEmpty());
  EXPECT_EQ(live.stop(), 0);
}

TEST_F(CollectdCountsLiveTest, ReplicasAreOneServiceAndHaveTheirOwnSeries) {
  LiveCgroup parent("/cpi-csv-web");
  LiveCgroup first("/cpi-csv-web/a");
  LiveCgroup second("/cpi-csv-web/b");
  Child child(first, burn);
  Child other(second, burn);
  child.run();
  LiveDaemon& live =
      start("ReportReplicas true\n" + service("web", "/cpi-csv-web/*"));
  ASSERT_TRUE(live.eventually_stores("cpi-service_web/percent-cpu_usage", 2))
      << live.log();
  other.run();
  ASSERT_TRUE(live.eventually_stores("cpi-service_web/percent-cpu_usage", 4));
  const std::string all = live.ask("LISTVAL");
  std::istringstream lines(all);
  int replicas = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool is_cpi = line.find("/gauge-cpi_") == std::string::npos &&
                        line.find("/gauge-cpi") != std::string::npos;
    replicas += is_cpi && line.find("cpi-service_web@") != std::string::npos;
  }
  EXPECT_EQ(replicas, 2) << all;
  EXPECT_THAT(all, HasSubstr("livehost/cpi-service_web/gauge-cpi"));
}

TEST_F(CollectdCountsLiveTest, BatchIsSummedAndNotCounted) {
  LiveCgroup cgroup("/cpi-csv-batch");
  Child child(cgroup, burn);
  child.run();
  LiveDaemon& live =
      start("<Batch \"train\">\n  Cgroup \"/cpi-csv-batch\"\n</Batch>\n");
  ASSERT_TRUE(live.eventually_stores("cpi-batch_train/percent-cpu_usage", 2))
      << live.log();
  EXPECT_GT(live.stored("cpi-batch_train/percent-cpu_usage")[1].value, 1);
  EXPECT_THAT(live.stored("cpi-batch_train/gauge-cpi"), IsEmpty());
}

TEST_F(CollectdCountsLiveTest, CountTimeCountsPartOfTheTimeAtTheSameRate) {
  LiveCgroup cgroup("/cpi-csv-duty");
  Child child(cgroup, burn);
  child.run();
  LiveDaemon& live =
      start("CountTime 0.2\n" + service("duty", "/cpi-csv-duty"), kOneClock);
  ASSERT_TRUE(live.eventually_stores("cpi-service_duty/perf-cycles", 5))
      << "windows stored: "
      << live.stored("cpi-service_duty/perf-cycles").size() << "\n"
      << live.log();
  ASSERT_EQ(live.stop(), 0);
  // Nanoseconds of CPU clock per second are CPUs; so is the usage, of all. One
  // was seen in a part of the windows and the other in all of them, so that
  // they agree roughly; spread over whole windows the counts would be 0.4 of
  // the usage.
  const double cpus = static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  std::map<double, double> usage;
  for (const auto& [time, percent] :
       live.stored("cpi-service_duty/percent-cpu_usage")) {
    usage[time] = percent / 100 * cpus;
  }
  double counted = 0;
  double used = 0;
  for (const auto& [time, rate] : live.stored("cpi-service_duty/perf-cycles")) {
    counted += rate / 1e9;
    used += usage[time];
  }
  EXPECT_NEAR(counted / used, 1, 0.35);
}

TEST_F(CollectdCountsLiveTest, AVanishedCgroupLeavesTheDaemonInPeace) {
  LiveDaemon& live = start(service("fleeting", "/cpi-csv-fleeting"));
  for (int life = 0; life < 3; ++life) {
    LiveCgroup cgroup("/cpi-csv-fleeting");
    Child child(cgroup, burn);
    child.run();
    const std::size_t before =
        live.stored("cpi-service_fleeting/percent-cpu_usage").size();
    EXPECT_TRUE(live.eventually_stores("cpi-service_fleeting/percent-cpu_usage",
                                       before + 2));
  }
  EXPECT_THAT(live.log_lines("[error]"), IsEmpty()) << live.log();
  EXPECT_EQ(live.stop(), 0);
}

}  // namespace
}  // namespace cpi
