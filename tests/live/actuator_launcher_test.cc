// The installed helper started by a hostile caller: whatever he sets up before
// execve, and whatever he does to the process after it, the outcome is right or
// refused, never half done.
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

const std::vector<std::string> kLower = {"lower", "batch/pod", "400", "--lease",
                                         "60"};

struct Limit {
  int resource;
  rlim_t values[5];
};

constexpr rlim_t kMax = RLIM_INFINITY;
constexpr Limit kLimits[] = {
    {RLIMIT_FSIZE, {0, 1, 300, 1 << 20, kMax}},
    {RLIMIT_AS, {0, 4 << 20, 8 << 20, 64 << 20, kMax}},
    {RLIMIT_DATA, {0, 64 << 10, 300 << 10, 16 << 20, kMax}},
    {RLIMIT_NOFILE, {0, 3, 5, 64, 1024}},
    {RLIMIT_CPU, {0, 1, 5, 7, kMax}},
    {RLIMIT_STACK, {0, 64 << 10, 160 << 10, 1 << 20, kMax}},
    {RLIMIT_CORE, {0, 1, 4096, 1 << 20, kMax}},
};
constexpr int kSignalStates = 4;
constexpr int kSurroundings = 4;

void close_some(int combination) {
  for (int fd = 0; fd < 3; ++fd)
    if ((combination & (1 << fd)) != 0) ::close(fd);
}

void inherit_signals(int state) {
  sigset_t all;
  ::sigfillset(&all);
  if (state == 1) ::sigprocmask(SIG_BLOCK, &all, nullptr);
  if (state == 2)
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_IGN);
  if (state == 3) {
    constexpr itimerval kSoon{{0, 500}, {0, 500}};
    ::setitimer(ITIMER_REAL, &kSoon, nullptr);
    ::setitimer(ITIMER_VIRTUAL, &kSoon, nullptr);
    ::setitimer(ITIMER_PROF, &kSoon, nullptr);
  }
}

const std::vector<std::string> kPoison = {"LD_PRELOAD=/tmp/evil.so",
                                          "LD_LIBRARY_PATH=/tmp",
                                          "GCONV_PATH=/tmp",
                                          "LOCPATH=/tmp",
                                          "LC_ALL=tr_TR.UTF-8",
                                          "LANG=de_DE",
                                          "MALLOC_CHECK_=3",
                                          "GLIBC_TUNABLES=glibc.malloc.check=3",
                                          "TMPDIR=/tmp",
                                          "PATH=/tmp",
                                          "CGROUP_LOGLEVEL=4",
                                          "CPI_FAIL_ALLOCATION=3",
                                          "HOME=/tmp",
                                          "IFS=/",
                                          "JANSSON=1",
                                          "LD_DEBUG=all"};

class Launcher : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    configure(config_text("", R"(, "budget_per_hour": 256)"));
    parent.emplace(kParent);
    pod.emplace(kParent + "/pod");
    pod->set_quota(90000);
  }
  // Starts `hostile` and freezes it by `freeze`, lock held and journal written,
  // in the cgroup it has to itself. The thread ends when it is thawed or
  // killed.
  std::thread freeze_holder(Launch hostile, const std::string& directory,
                            std::function<void()> freeze) {
    hostile.prepare_as_root = [=] {
      write_file(directory + "/cgroup.procs", std::to_string(::getpid()));
    };
    auto stopped = std::make_shared<std::atomic<bool>>(false);
    hostile.at_call = [=](const Call& call) {
      // The first write to the cgroup comes next.
      bool writes =
          call.path == (CpuCgroup::is_v1() ? "cpu.cfs_quota_us" : "cpu.max") &&
          (call.flags & O_ACCMODE) == O_WRONLY;
      if (!writes || *stopped) return 0;
      *stopped = true;
      return kDetach;
    };
    hostile.at_detach = std::move(freeze);
    std::thread victim([hostile] { run(hostile); });
    for (int i = 0; i < 2000 && (throttles() == 0 || !*stopped); ++i)
      ::usleep(5000);
    return victim;
  }
  void TearDown() override {
    pod.reset();
    parent.reset();
    ActuatorSite::TearDown();
  }
  // Done and done so, or neither; then everything is put back.
  void expect_whole(const Ending& ending, const std::string& how) {
    ++outcomes[ending.signal != 0 ? "signal " + std::to_string(ending.signal)
                                  : "exit " + std::to_string(ending.exit)];
    if (ending.exit == code(Exit::done))
      EXPECT_EQ(40000, pod->quota()) << how << ending.err;
    else
      EXPECT_EQ(90000, pod->quota()) << how << ending.err;
    EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit) << how;
    EXPECT_EQ(90000, pod->quota()) << how;
    EXPECT_EQ(0U, throttles()) << how;
    clear_state();
  }
  std::optional<CpuCgroup> parent, pod;
  std::map<std::string, int> outcomes;
};

TEST_F(Launcher, NoInheritanceLeavesALowerHalfDone) {
  int cases = 0;
  int number = 0;
  for (const Limit& limit : kLimits)
    for (rlim_t value : limit.values)
      for (int closed = 0; closed < 8; ++closed)
        for (int signals = 0; signals < kSignalStates; ++signals)
          for (int around = 0; around < kSurroundings; ++around) {
            if (++number % stride(7) != 0) continue;
            ++cases;
            Launch hostile = launch(kLower);
            if ((around & 1) != 0) hostile.environment = kPoison;
            hostile.prepare = [&] {
              if ((around & 2) != 0) {
                ::umask(0);
                if (::chdir("/tmp") != 0) ::_exit(125);
              }
              inherit_signals(signals);
              close_some(closed);
              rlimit hard{value, value};
              ::setrlimit(limit.resource, &hard);
            };
            expect_whole(run(hostile),
                         "limit " + std::to_string(limit.resource) + " = " +
                             std::to_string(value) + " closed " +
                             std::to_string(closed) + " signals " +
                             std::to_string(signals) + ": ");
          }
  std::printf("hostile launches %d\n", cases);
  for (const auto& [outcome, count] : outcomes)
    std::printf("  %s: %d\n", outcome.c_str(), count);
  EXPECT_GT(outcomes["exit 0"], 0);
}

TEST_F(Launcher, NoArgumentsAreNoRequest) {
  Launch bare = launch({});
  bare.no_arguments = true;
  Ending ending = run(bare);
  EXPECT_EQ(code(Exit::usage), ending.exit);
  EXPECT_NE(std::string::npos, ending.err.find("expected lower, raise"));
  EXPECT_EQ(code(Exit::usage), call({}).exit);
  EXPECT_EQ(code(Exit::usage), call({""}).exit);
  EXPECT_EQ(code(Exit::usage),
            call(std::vector<std::string>(2000, std::string(1000, 'x'))).exit);
}

TEST_F(Launcher, ThePoisonedEnvironmentChangesNoByteOfTheAnswer) {
  Ending clean = call({"status"});
  Launch poisoned = launch({"status"});
  poisoned.environment = kPoison;
  Ending ending = run(poisoned);
  EXPECT_EQ(clean.out, ending.out);
  EXPECT_EQ(clean.err, ending.err);
}

TEST_F(Launcher, CpuTimeBurntBeforehandIsNoticed) {
  Launch tired = launch(kLower);
  tired.prepare = [] {
    rusage used{};
    volatile unsigned work = 0;
    while (used.ru_utime.tv_sec < 1) {
      for (unsigned i = 0; i < 1'000'000; ++i) work = work + i;
      ::getrusage(RUSAGE_SELF, &used);
    }
    rlimit hard{6, 6};
    ::setrlimit(RLIMIT_CPU, &hard);
  };
  Ending ending = run(tired);
  EXPECT_EQ(code(Exit::unavailable), ending.exit);
  EXPECT_NE(std::string::npos, ending.err.find("RLIMIT_CPU")) << ending.err;
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Launcher, AnEmptyCapabilityBoundingSetIsEnough) {
  Launch bound = launch(kLower);
  bound.prepare_as_root = [] {
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability)
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  };
  Ending ending = run(bound);
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ(40000, pod->quota());
}

TEST_F(Launcher, NoCapabilityIsLeftWhenItTouchesACgroup) {
  bool looked = false;
  Launch traced = launch(kLower);
  traced.at_call = [&](const Call& call) {
    if (call.path != "lock") return 0;
    looked = true;
    std::string status =
        read_file("/proc/" + std::to_string(call.pid) + "/status");
    for (const char* line :
         {"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000",
          "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Uid:\t0\t0\t0\t0",
          "Gid:\t0\t0\t0\t0", "Groups:\t \n"})
      EXPECT_NE(std::string::npos, status.find(line)) << line << status;
    return 0;
  };
  EXPECT_EQ(code(Exit::done), run(traced).exit);
  EXPECT_TRUE(looked);
}

TEST_F(Launcher, ItIsConfinedWhenItTouchesACgroup) {
  bool confined = false;
  int writes = 0;
  Launch traced = launch(kLower);
  traced.at_call = [&](const Call& call) {
    confined = confined || call.number == SYS_landlock_restrict_self;
    if (call.path == "journal.json.new" || call.path == "cpu.cfs_quota_us" ||
        call.path == "cpu.max") {
      EXPECT_TRUE(confined) << call.path;
      ++writes;
    }
    return 0;
  };
  EXPECT_EQ(code(Exit::done), run(traced).exit);
  EXPECT_GT(writes, 2);
}

TEST_F(Launcher, AKernelWithoutLandlockIsServedAsWell) {
  for (int missing : {ENOSYS, EOPNOTSUPP}) {
    Launch traced = launch(kLower);
    traced.at_call = [&](const Call& call) {
      return call.number == SYS_landlock_create_ruleset ? missing : 0;
    };
    EXPECT_EQ(code(Exit::done), run(traced).exit) << missing;
  }
  EXPECT_EQ(40000, pod->quota());
}

TEST_F(Launcher, ALandlockThatRefusesIsSaidAndNothingIsTouched) {
  for (long number : {SYS_landlock_create_ruleset, SYS_landlock_add_rule,
                      SYS_landlock_restrict_self}) {
    Launch traced = launch(kLower);
    traced.at_call = [&](const Call& call) {
      return call.number == number ? E2BIG : 0;
    };
    Ending ending = run(traced);
    EXPECT_EQ(code(Exit::unavailable), ending.exit) << number;
    EXPECT_NE(std::string::npos, ending.err.find("confine")) << ending.err;
  }
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
}

TEST_F(Launcher, TheCallerCannotSignalItOnceItIsRoots) {
  int refused = 0;
  for (int signal : {SIGKILL, SIGSTOP, SIGTERM, SIGINT, SIGHUP, SIGTSTP}) {
    Launch traced = launch(kLower);
    int own = ::getpid();
    bool locked = false;
    traced.at_call = [&](const Call& call) {
      // From the moment the lock is opened.
      locked = locked || call.path == "lock";
      if (!locked || own == 0) return 0;
      pid_t killer = ::fork();
      if (killer == 0) {
        if (::setresuid(kCaller, kCaller, kCaller) != 0) ::_exit(125);
        ::_exit(::kill(call.pid, signal) == 0 ? 0 : errno);
      }
      int status = 0;
      ::waitpid(killer, &status, 0);
      EXPECT_EQ(EPERM, WEXITSTATUS(status));
      refused += WEXITSTATUS(status) == EPERM ? 1 : 0;
      return 0;
    };
    expect_whole(run(traced), "signal ");
  }
  EXPECT_GT(refused, 100);
}

TEST_F(Launcher, AKillerThatNeverTiresLeavesNothingHalfDone) {
  int kills = 0;
  for (int i = 0; i < 200; ++i) {
    Launch hunted = launch(kLower);
    hunted.prepare = [i] {
      // The hunter shares the victim's user id until it is root's.
      pid_t victim = ::getpid();
      if (::fork() == 0) {
        ::usleep(static_cast<useconds_t>(i * 13));
        for (int shot = 0; shot < 500 && ::kill(victim, SIGKILL) == 0; ++shot) {
        }
        ::_exit(0);
      }
    };
    Ending ending = run(hunted);
    kills += ending.signal == SIGKILL ? 1 : 0;
    expect_whole(ending, "hunted ");
  }
  std::printf("killed before it was root's: %d of 200\n", kills);
}

TEST_F(Launcher, AReaderWhoNeverReadsHoldsNoLock) {
  int full[2];
  ASSERT_EQ(0, ::pipe2(full, 0));
  std::string block(4096, 'x');
  ::fcntl(full[1], F_SETFL, O_NONBLOCK);
  while (::write(full[1], block.data(), block.size()) > 0) {
  }
  ::fcntl(full[1], F_SETFL, 0);
  pid_t stuck = ::fork();
  if (stuck == 0) {
    Launch blocked = launch(kLower);
    blocked.prepare = [&] {
      ::signal(SIGALRM, SIG_IGN);
      ::dup2(full[1], STDOUT_FILENO);
    };
    ::_exit(run(blocked).signal);
  }
  while (pod->quota() != 40000) std::this_thread::yield();
  EXPECT_EQ(code(Exit::done), call({"release", "batch/pod"}).exit);
  // Nor does it wait for him for ever: he could collect processes of root's.
  int status = 0;
  ::waitpid(stuck, &status, 0);
  EXPECT_EQ(SIGALRM, WEXITSTATUS(status));
  ::close(full[0]);
  ::close(full[1]);
}

TEST_F(Launcher, SignalsThatWerePendingEndNothing) {
  Launch pending = launch(kLower);
  pending.prepare = [] {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    for (int signal = 1; signal < NSIG; ++signal)
      if (signal != SIGKILL && signal != SIGSTOP) ::raise(signal);
  };
  Ending ending = run(pending);
  EXPECT_EQ(code(Exit::done), ending.exit) << "signal " << ending.signal;
  EXPECT_EQ(40000, pod->quota());
}

TEST_F(Launcher, AnInheritedTimerSlackStretchesNoPause) {
  bool looked = false;
  Launch slack = launch(kLower);
  slack.prepare = [] { ::prctl(PR_SET_TIMERSLACK, 1'000'000'000'000'000); };
  slack.at_call = [&](const Call& call) {
    if (call.path != "lock") return 0;
    looked = true;
    std::string file = "/proc/" + std::to_string(call.pid) + "/timerslack_ns";
    EXPECT_EQ("50000\n", read_file(file));
    return 0;
  };
  EXPECT_EQ(code(Exit::done), run(slack).exit);
  EXPECT_TRUE(looked);
}

TEST_F(Launcher, CallersAtTheSameTimeLoseNoOriginal) {
  constexpr int kCallers = 4;
  pid_t callers[kCallers];
  for (pid_t& caller : callers) {
    caller = ::fork();
    if (caller != 0) continue;
    for (int i = 0; i < 25; ++i) {
      call(kLower);
      call({"raise", "batch/pod", "600"});
      call({"release", "batch/pod"});
    }
    ::_exit(0);
  }
  for (int i = 0; i < 25; ++i)
    EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
  for (pid_t caller : callers) ::waitpid(caller, nullptr, 0);
  EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
  EXPECT_EQ(90000, pod->quota());
}

// A cgroup delegated to the caller, in which he can freeze what he started.
struct Trap {
  std::string directory, freeze, frozen, thawed;
};

class Rescue : public Launcher, public testing::WithParamInterface<bool> {
 protected:
  Trap trap() const {
    std::string v1 = "/sys/fs/cgroup/freezer/" + kParent;
    std::string v2 = unified_root() + "/" + kParent;
    return GetParam() ? Trap{v1, v1 + "/freezer.state", "FROZEN", "THAWED"}
                      : Trap{v2, v2 + "/cgroup.freeze", "1", "0"};
  }
};

TEST_P(Rescue, RootsRestoreEndsAHolderThatIsFrozen) {
  const Trap cage = trap();
  ::mkdir(cage.directory.c_str(), 0755);
  if (::access(cage.freeze.c_str(), W_OK) != 0) {
    ::rmdir(cage.directory.c_str());
    GTEST_SKIP() << "this host has no " << cage.freeze;
  }
  ASSERT_EQ(0, ::chown(cage.freeze.c_str(), kCaller, kCaller));
  write_file(cage.freeze, cage.thawed);  // an earlier run may have died here
  std::thread victim = freeze_holder(launch(kLower), cage.directory, [&] {
    write_file(cage.freeze, cage.frozen);
  });
  EXPECT_EQ(code(Exit::busy), call({"release", "batch/pod"}).exit);
  auto start = std::chrono::steady_clock::now();
  Ending ending = as_root({"restore"});
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_LT(took.count(), 3.0);
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
  // The v1 freezer keeps even the killed one; until it is thawed only root's
  // restore works, and it works.
  EXPECT_EQ(code(GetParam() ? Exit::busy : Exit::done), call({"thaw"}).exit);
  EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
  write_file(cage.freeze, cage.thawed);
  victim.join();
  EXPECT_EQ(code(Exit::done), call({"thaw"}).exit);
  EXPECT_EQ(90000, pod->quota());
  std::printf("recovered from a frozen holder in %.2f s\n", took.count());
  ::rmdir(cage.directory.c_str());
}

INSTANTIATE_TEST_SUITE_P(Freezer, Rescue, testing::Bool(),
                         [](const auto& kind) {
                           return kind.param ? "V1" : "V2";
                         });

// The name that a process was started by is not what makes it the helper.
TEST_F(Launcher, AFrozenHolderIsKnownByAnyName) {
  const std::string cage = unified_root() + "/" + kParent;
  const std::string link = kPrefix + "/bin/by-another-name";
  ASSERT_EQ(0, ::link(kHelper.c_str(), link.c_str()));
  ::mkdir(cage.c_str(), 0755);
  Launch renamed = launch(kLower);
  renamed.program = link;
  std::thread victim = freeze_holder(
      renamed, cage, [&] { write_file(cage + "/cgroup.freeze", "1"); });
  Ending ending = as_root({"restore"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_NE(std::string::npos, ending.err.find("killed")) << ending.err;
  EXPECT_EQ(90000, pod->quota());
  victim.join();
  ::rmdir(cage.c_str());
}

// Uses up what a cgroup gets of the CPUs.
class Spinner {
 public:
  explicit Spinner(const CpuCgroup& cgroup) : pid_(::fork()) {
    if (pid_ != 0) return;
    write_file(cgroup.path() + "/cgroup.procs", "0");
    for (volatile unsigned turns = 0;;) turns = turns + 1;
  }
  ~Spinner() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

 private:
  pid_t pid_;
};

// One that gets next to nothing of the CPU may be in the middle of a write when
// it is killed: it must not be passed over before it is dead.
TEST_F(Launcher, AStarvedHolderWritesNothingAfterARestore) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "starves with files of cgroup v1";
  CpuCgroup cage(kParent + "-starved");
  ASSERT_TRUE(write_file(cage.path() + "/cpu.cfs_period_us", "1000000"));
  int busy = 0;
  for (int i = 0; i < 2; ++i) {
    Spinner first(cage);
    Spinner second(cage);
    std::thread victim = freeze_holder(launch(kLower), cage.path(), [&] {
      write_file(cage.path() + "/cpu.cfs_quota_us", "1000");
      ::usleep(50'000);
    });
    int exit = as_root({"restore"}).exit;
    EXPECT_TRUE(exit == code(Exit::done) || exit == code(Exit::busy)) << exit;
    busy += exit == code(Exit::busy) ? 1 : 0;
    cage.set_quota(-1);
    victim.join();
    EXPECT_TRUE(exit != code(Exit::done) || pod->quota() == 90000);
    EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
    EXPECT_EQ(90000, pod->quota());
    EXPECT_EQ(0U, throttles());
    ::unlink((kPrefix + "/run/journal.json").c_str());
  }
  std::printf("restores that waited for a starved holder's death: %d\n", busy);
}

TEST_F(Launcher, RootsRestoreKillsNoProgramButTheHelper) {
  std::string lock = kPrefix + "/run/lock";
  int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct flock range {};
  range.l_type = F_WRLCK;
  ASSERT_EQ(0, ::fcntl(fd, F_SETLK, &range));
  EXPECT_EQ(code(Exit::busy), as_root({"restore"}).exit);
  ::close(fd);
  EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit);
}

}  // namespace
}  // namespace cpi::live
