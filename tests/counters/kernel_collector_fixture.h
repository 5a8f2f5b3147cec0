// A small host in a folder, with cgroups that the tests add, and a perf that
// counts what it is asked for.
#ifndef CPI_TESTS_COUNTERS_KERNEL_COLLECTOR_FIXTURE_H_
#define CPI_TESTS_COUNTERS_KERNEL_COLLECTOR_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "counters/kernel_collector.h"
#include "support/fake_perf.h"
#include "support/file_tree.h"

namespace cpi {

inline constexpr const char* kPressure =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=5000\n";

// A host with two CPUs. Its cgroups are added by the tests.
class KernelCollectorTest : public testing::Test {
 protected:
  KernelCollectorTest() {
    config_.services = {{"web", {{Selector::Kind::glob, "/web*"}}}};
    config_.batch = {{"job", {{Selector::Kind::glob, "/job*"}}}};
  }

  // A cgroup of a pure v2 host.
  void cgroup(const std::string& name, int usage_us = 1000) {
    tree_.write("cg/" + name + "/cpu.stat",
                "usage_usec " + std::to_string(usage_us) +
                    "\nnr_throttled 1\nthrottled_usec 30\n");
    tree_.write("cg/" + name + "/cpu.pressure", kPressure);
    tree_.write("cg/" + name + "/cgroup.procs", "");
    tree_.write("cg/" + name + "/cgroup.threads", "");
  }

  void start() {
    Environment environment{
        tree_.path("proc"), tree_.path("sys"),      &perf_, mounts_, fd_limit_,
        fds_beside_,        [this] { return now_; }};
    auto collector = KernelCollector::create(
        config_,
        [this](Severity severity, const std::string& line) {
          severities_.push_back(severity);
          log_.push_back(line);
        },
        environment);
    ASSERT_TRUE(collector) << collector.error().message();
    collector_ = *std::move(collector);
  }

  const Readings& collect(Duration after = std::chrono::seconds(1)) {
    now_ += after;
    const auto readings = collector_->collect(now_);
    EXPECT_TRUE(readings);
    return **readings;
  }

  FileTree tree_{{"proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\n"},
                 {"proc/cgroups", "perf_event\t0\t1\t1\n"},
                 {"proc/self/schedstat", "1 2 3\n"},
                 {"sys/devices/system/cpu/online", "0-1\n"},
                 {"cg/", ""}};
  std::optional<std::vector<Mount>> mounts_ = {
      {{tree_.path("cg"), true, {"cpu"}}}};
  FakePerf perf_;
  Config config_;
  std::optional<std::size_t> fd_limit_ = 100000;
  std::size_t fds_beside_ = 0;
  Instant now_{std::chrono::seconds(1000)};
  std::vector<std::string> log_;
  std::vector<Severity> severities_;  // of the lines of log_
  std::unique_ptr<KernelCollector> collector_;
};

}  // namespace cpi

#endif  // CPI_TESTS_COUNTERS_KERNEL_COLLECTOR_FIXTURE_H_
