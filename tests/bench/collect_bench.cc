// What a collection costs: 200 cgroups on every CPU.
//   collect_bench [CGROUPS] [SECONDS]
// 1. collect() against a bare loop of the same read(2) and pread(2) calls on
//    the same descriptors, interleaved; ratio of the medians, at most 1.25.
// 2. CPU time of a process that collects once a second against that of
//    `perf stat -I 1000 -a --for-each-cgroup` over the same seconds, at most
//    0.5. perf reads two counters of each cgroup and nothing else, so the same
//    job is that of counted batch blocks, of which no pressure is read (CPU
//    time and throttling are); that of services is printed beside it.
// Software events, so that it runs everywhere; needs root.
#include <fmt/core.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "counters/kernel_collector.h"
#include "live/live_cgroup.h"

namespace cpi {
namespace {

constexpr double kMostOverBareReads = 1.25;
constexpr double kMostOverPerf = 0.5;
constexpr int kRounds = 400;

Instant now() { return Instant(std::chrono::steady_clock::now()); }

double median(std::vector<double> values) {
  const auto middle = values.begin() + (values.end() - values.begin()) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Descriptors that a collection reads, found by what they point to.
class BareReads {
 public:
  BareReads() {
    std::map<int, std::string> targets;
    for (const auto& fd :
         std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code failed;
      targets[std::stoi(fd.path().filename())] =
          std::filesystem::read_symlink(fd.path(), failed).string();
    }
    bool leader = true;  // leaders and siblings alternate
    for (const auto& [fd, target] : targets) {
      if (target == "anon_inode:[perf_event]") {
        if (leader) leaders_.push_back(fd);
        leader = !leader;
      } else if (target == "anon_inode:inotify") {
        leaders_.push_back(fd);
      } else if (target.starts_with("/sys/") || target == "/proc/stat") {
        files_.push_back(fd);
      }
    }
  }

  [[nodiscard]] std::size_t calls() const {
    return leaders_.size() + files_.size();
  }

  void run() {
    for (const int fd : leaders_) sum_ += ::read(fd, buffer_, 48);
    for (const int fd : files_) {
      sum_ += ::pread(fd, buffer_, sizeof buffer_, 0);
    }
  }

 private:
  std::vector<int> leaders_;
  std::vector<int> files_;
  char buffer_[4096] = {};
  ssize_t sum_ = 0;  // keeps the calls
};

template <class Body>
double microseconds_of(const Body& body) {
  const Instant start = now();
  body();
  return to_seconds(now() - start) * 1e6;
}

void compare_with_bare_reads(KernelCollector& collector) {
  BareReads bare;
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int i = 0; i < kRounds; ++i) {
    theirs.push_back(microseconds_of([&] { bare.run(); }));
    ours.push_back(microseconds_of([&] { (void)collector.collect(now()); }));
  }
  const double ratio = median(ours) / median(theirs);
  fmt::print(
      "collect() {:.1f} us, {} bare reads {:.1f} us: ratio {:.3f} "
      "(at most {})\n",
      median(ours), bare.calls(), median(theirs), ratio, kMostOverBareReads);
}

double own_cpu_seconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

// CPU time of a process of one thread that sleeps just now, in seconds.
double cpu_seconds(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/schedstat", pid));
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds * 1e-9;
}

pid_t start_perf(int cgroups, int seconds) {
  std::string names;
  for (int i = 0; i < cgroups; ++i) names += fmt::format("cpi-bench-{},", i);
  names.pop_back();
  const std::string duration = std::to_string(seconds);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execlp("perf", "perf", "stat", "-o", "/dev/null", "-I", "1000", "-a",
             "-e", "cpu-clock,task-clock", "--for-each-cgroup", names.c_str(),
             "--", "sleep", duration.c_str(), nullptr);
    ::_exit(127);
  }
  return pid;
}

// Second by second, medians: other tests on this host make and remove cgroups,
// and what that costs either side is not meant here.
void compare_with_perf(const char* what, KernelCollector& collector,
                       int cgroups, int seconds) {
  const pid_t perf = start_perf(cgroups, seconds + 4);
  std::this_thread::sleep_for(std::chrono::seconds(2));  // it has opened all
  std::vector<double> ours;
  std::vector<double> theirs;
  double perf_before = cpu_seconds(perf);
  for (int i = 0; i < seconds; ++i) {
    const double before = own_cpu_seconds();
    (void)collector.collect(now());
    ours.push_back(own_cpu_seconds() - before);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const double perf_now = cpu_seconds(perf);
    theirs.push_back(perf_now - std::exchange(perf_before, perf_now));
  }
  int status = 0;
  ::waitpid(perf, &status, 0);
  if (status != 0 || median(theirs) <= 0) {
    fmt::print("perf stat --for-each-cgroup did not run: not compared\n");
    return;
  }
  const double ratio = median(ours) / median(theirs);
  fmt::print(
      "{}, once a second: our CPU time {:.2f} ms, perf stat's {:.2f} "
      "ms: ratio {:.3f} (the same job: at most {})\n",
      what, median(ours) * 1e3, median(theirs) * 1e3, ratio, kMostOverPerf);
}

std::unique_ptr<KernelCollector> watch(bool as_services) {
  const std::vector<Selector> all = {{Selector::Kind::glob, "/cpi-bench-*"}};
  Config config;
  config.counters.cycles_event = "cpu-clock";
  config.counters.instructions_event = "task-clock";
  if (as_services) {
    config.services = {{"bench", all}};
  } else {
    config.batch = {{"bench", all, true}};
  }
  auto collector = KernelCollector::create(
      config,
      [](Severity, const std::string& text) { fmt::print("{}\n", text); });
  if (!collector || !(*collector)->collect(now())) return nullptr;
  return *std::move(collector);
}

int run(int cgroups, int seconds) {
  std::vector<std::unique_ptr<LiveCgroup>> live;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < cgroups; ++i) {
    live.push_back(
        std::make_unique<LiveCgroup>(fmt::format("/cpi-bench-{}", i)));
  }
  // Each holds a process, stopped: what others do here does not matter.
  for (const auto& cgroup : live) {
    children.push_back(std::make_unique<Child>(*cgroup, [] { ::pause(); }));
  }
  if (live.empty() || !live[0]->usable()) {
    fmt::print("no writable cgroup file system (root?): nothing measured\n");
    return 77;
  }
  {
    const auto services = watch(true);
    if (!services) return 1;
    fmt::print("{} cgroups, {} counted, {} descriptors\n", cgroups,
               services->stats().counted, services->stats().fds_open);
    compare_with_bare_reads(*services);
    compare_with_perf("services, with wait", *services, cgroups, seconds);
  }
  const auto counted = watch(false);
  if (!counted) return 1;
  compare_with_perf("the same job", *counted, cgroups, seconds);
  return 0;
}

}  // namespace
}  // namespace cpi

int main(int argc, char** argv) {
  CLI::App app("Time and CPU of collecting cgroups");
  int cgroups = 200;
  app.add_option("cgroups", cgroups)->check(CLI::PositiveNumber);
  int seconds = 10;
  app.add_option("seconds", seconds)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return cpi::run(cgroups, seconds);
}
