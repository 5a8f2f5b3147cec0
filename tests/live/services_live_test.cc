// Declarations in a real collectd, against a real memory cgroup.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <fstream>

#include "counters/mounts.h"
#include "live/daemon.h"
#include "live/live_cgroup.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kLimit = 32UL << 20;

// The cgroup in the memory hierarchy too, where that is one of its own.
class MemoryCgroup {
 public:
  explicit MemoryCgroup(const std::string& path) {
    const auto mounts = find_mounts("/proc");
    if (!mounts) return;
    for (const Mount& mount : *mounts) {
      for (const std::string& controller : mount.controllers) {
        if (controller == "memory") make(mount, path);
      }
    }
  }
  ~MemoryCgroup() {
    for (int i = 0; made_ && i < 100 && ::rmdir(directory_.c_str()) != 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  MemoryCgroup(const MemoryCgroup&) = delete;
  MemoryCgroup& operator=(const MemoryCgroup&) = delete;

  [[nodiscard]] bool limited() const { return limited_; }
  void add(pid_t pid) const {
    write_file(directory_ + "/cgroup.procs", std::to_string(pid));
  }

 private:
  void make(const Mount& mount, const std::string& path) {
    directory_ = mount.path + path;
    made_ = ::mkdir(directory_.c_str(), 0755) == 0;
    limited_ = write_file(
        directory_ + (mount.unified ? "/memory.max" : "/memory.limit_in_bytes"),
        std::to_string(kLimit));
    if (mount.unified) write_file(directory_ + "/memory.swap.max", "0");
  }

  std::string directory_;
  bool made_ = false;
  bool limited_ = false;
};

// Wants more than there is.
void gorge() {
  const std::size_t size = 4 * kLimit;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memset(memory, 1, size);
  ::pause();
}

void idle() {
  while (true) ::pause();
}

std::string declared(const std::string& path) {
  return LiveDaemon::with_module("<Service \"victim\">\n  Cgroup \"" + path +
                                 "\"\n  Owner \"zhang\"\n  Pool \"team\"\n"
                                 "  Memory \"32MiB\"\n"
                                 "  RestartThreshold 2 \"5min\"\n"
                                 "</Service>\n");
}

class ServicesLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
    if (!cgroup_.usable()) GTEST_SKIP() << "cannot make cgroups here";
    if (!memory_.limited()) GTEST_SKIP() << "no memory controller to limit";
  }

  std::string path_ = "/cpi-service-" + std::to_string(::getpid());
  LiveCgroup cgroup_{path_};
  MemoryCgroup memory_{path_};
};

TEST_F(ServicesLiveTest, AContainerKilledForWantOfMemoryIsOneAlarm) {
  Child main(cgroup_, idle);
  memory_.add(main.pid());
  main.run();
  Child glutton(cgroup_, gorge);
  memory_.add(glutton.pid());
  LiveDaemon daemon(declared(path_));
  daemon.start();
  ASSERT_TRUE(daemon.eventually_stores("cpi-service_victim/memory-used", 2))
      << daemon.log();
  glutton.run();
  ASSERT_TRUE(daemon.eventually_logs("killed for want of memory"))
      << daemon.log();
  const auto stored = daemon.stored("cpi-host/gauge-config_errors").size();
  ASSERT_TRUE(
      daemon.eventually_stores("cpi-host/gauge-config_errors", stored + 5));
  EXPECT_EQ(daemon.stop(), 0);
  const auto alarms = daemon.log_lines("killed for want of memory");
  EXPECT_THAT(alarms, SizeIs(1));
  EXPECT_THAT(alarms[0], HasSubstr("call zhang"));
  EXPECT_THAT(daemon.log_lines("restarted"), IsEmpty());
  EXPECT_THAT(daemon.log_lines("[error]"), IsEmpty());
}

TEST_F(ServicesLiveTest, TwoRestartsAreOneAlarmAlsoAcrossTheAgentsOwn) {
  auto main = std::make_unique<Child>(cgroup_, idle);
  memory_.add(main->pid());
  main->run();
  LiveDaemon daemon(declared(path_));
  daemon.start();
  const auto ticks = [&daemon](std::size_t more) {
    const std::string series = "cpi-service_victim/gauge-restarts";
    return daemon.eventually_stores(series,
                                    daemon.stored(series).size() + more);
  };
  ASSERT_TRUE(ticks(2)) << daemon.log();
  const auto replace = [&] {
    main.reset();
    main = std::make_unique<Child>(cgroup_, idle);
    memory_.add(main->pid());
    main->run();
  };
  replace();
  ASSERT_TRUE(ticks(3));
  EXPECT_THAT(daemon.log_lines("restarted"), IsEmpty());
  EXPECT_EQ(daemon.stop(), 0);
  daemon.start();  // the agent restarts, the service does not
  ASSERT_TRUE(ticks(3));
  EXPECT_THAT(daemon.log_lines("restarted"), IsEmpty());
  replace();
  ASSERT_TRUE(daemon.eventually_logs("restarted 2 times within 5min"))
      << daemon.log();
  EXPECT_EQ(daemon.stop(), 0);
  daemon.start();
  ASSERT_TRUE(ticks(3));
  EXPECT_THAT(daemon.log_lines("restarted 2 times"), SizeIs(1));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(ServicesLiveTest, PoolsAreAccountedFor) {
  Child main(cgroup_, burn);
  memory_.add(main.pid());
  main.run();
  LiveDaemon daemon(declared(path_));
  daemon.start();
  ASSERT_TRUE(daemon.eventually_stores("cpi-pool_team/total_time_in_ms-cpu", 3))
      << daemon.log();
  EXPECT_GT(daemon.stored("cpi-pool_team/gauge-cpus").back().value, 0.1);
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace cpi
