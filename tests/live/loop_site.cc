#include "live/loop_site.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>

namespace cpi {
namespace {

namespace fs = std::filesystem;

// The last CPU this process may use: the first is where interrupts go.
int chosen_cpu() {
  cpu_set_t allowed;
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) last = cpu;
  }
  return last;
}

void pin(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

void work(std::chrono::nanoseconds cpu_time) {
  timespec now{};
  const auto used = [&now] {
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) +
           std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto end = used() + cpu_time;
  while (used() < end) {
  }
}

void serve() {
  for (;;) {
    work(std::chrono::milliseconds(4));
    const timespec pause{0, 6'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

// Ahead of others, by so many times.
void prefer(const std::string& cgroup, int times) {
  write_file(cgroup + "/cpu.shares", std::to_string(1024 * times));
  write_file(cgroup + "/cpu.weight", std::to_string(100 * times));
}

// So that what is made below has a quota, on v2.
void give_cpu_below(const std::string& cgroup) {
  write_file(cgroup + "/cgroup.subtree_control", "+cpu");
}

}  // namespace

RestoreTimer::RestoreTimer() : pid_(::fork()) {
  if (pid_ != 0) return;
  const std::string loop = "while :; do " + live::kHelper +
                           " restore --expired >/dev/null 2>&1; "
                           "sleep 0.2; done";
  ::execl("/bin/sh", "sh", "-c", loop.c_str(), nullptr);
  ::_exit(127);
}

RestoreTimer::~RestoreTimer() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void LoopSite::SetUp() {
  ActuatorSite::SetUp();
  if (IsSkipped()) return;
  if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
  const std::string name = fmt::format("/cpi-loop-{}", ::getpid());
  give_cpu_below(live::CpuCgroup::root());
  top_ = std::make_unique<LiveCgroup>(name);
  if (!top_->usable()) GTEST_SKIP() << "no cgroup can be made";
  // The rest of the host would disturb both.
  prefer(top_->primary(), 100);
  give_cpu_below(top_->primary());
  service_ = std::make_unique<LiveCgroup>(name + "/service");
  parent_ = std::make_unique<LiveCgroup>(name + "/batch");
  // The administrator has not thought of weights.
  prefer(parent_->primary(), 8);
  give_cpu_below(parent_->primary());
  batch_ = std::make_unique<LiveCgroup>(name + "/batch/job");
  configure(fmt::format(
      R"({{"callers": [54321], "aliases": {{"batch": {{"cgroup": "{}/batch"}}}},
           "budget_per_hour": 256, "freeze_gap": 0}})",
      name));
  timer_ = std::make_unique<RestoreTimer>();
}

void LoopSite::TearDown() {
  daemon_.reset();
  timer_.reset();
  antagonist_.clear();
  worker_.reset();
  for (auto* cgroup : {&batch_, &parent_, &service_, &top_}) cgroup->reset();
  ActuatorSite::TearDown();
}

LiveDaemon& LoopSite::daemon(double interval, double lease,
                             const std::string& more) {
  const std::string options = fmt::format(
      "Act true\nActuator \"{}\"\nActuatorConfig \"{}/etc/actuator.json\"\n"
      "Lease {}\nWarmUp 0\nMinSamples 120\nStartupGrace 0\nNoiseFloor 0\n"
      "BatchIdle 0.05\nMinSuspectCPU 0.1\nSaveInterval 1\n"
      "QuietTime {}\nStep 0.5\n{}"
      "<Service \"web\">\n  Cgroup \"{}\"\n</Service>\n"
      "<Batch \"train\">\n  Cgroup \"{}/*\"\n</Batch>\n",
      live::kHelper, live::kPrefix, lease, 2 * interval, more, service_->path(),
      parent_->path());
  daemon_ =
      std::make_unique<LiveDaemon>(LiveDaemon::with_module(options, interval));
  return *daemon_;
}

void LoopSite::start_service() {
  const int cpu = chosen_cpu();
  worker_ = std::make_unique<Child>(*service_, [cpu] {
    pin(cpu);
    serve();
  });
  worker_->run();
}

void LoopSite::start_antagonist() {
  const int cpu = chosen_cpu();
  for (int i = 0; i < 2; ++i) {
    antagonist_.push_back(std::make_unique<Child>(*batch_, [cpu] {
      pin(cpu);
      burn();
    }));
  }
  for (const auto& child : antagonist_) child->run();
}

long LoopSite::quota() const {
  const std::string v1 = batch_->primary() + "/cpu.cfs_quota_us";
  const bool is_v1 = fs::exists(v1);
  const std::string text =
      live::read_file(is_v1 ? v1 : batch_->primary() + "/cpu.max");
  return text.starts_with("max") ? -1 : std::atol(text.c_str());
}

void LoopSite::set_quota(long quota_us) {
  const std::string text = std::to_string(quota_us);
  ASSERT_TRUE(write_file(batch_->primary() + "/cpu.cfs_quota_us", text) ||
              write_file(batch_->primary() + "/cpu.max", text));
}

double LoopSite::mean(const std::string& series, double from, double to) const {
  double sum = 0;
  int count = 0;
  for (const auto& [time, value] : daemon_->stored(series)) {
    if (time < from || time > to) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

double LoopSite::wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace cpi
