// What a process that has confined itself can still reach: every attempt is
// made in a child, which may do as it likes before.
#include "actuator/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace cpi::actuator {
namespace {

namespace fs = std::filesystem;

class Confine : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root confines itself so";
    fs::remove_all(prefix_);
    // What the objects of this test take for a hierarchy of cgroups.
    fs::create_directories(hierarchy_ + "/batch");
    fs::create_directories(state_);
    for (const std::string& file :
         {hierarchy_ + "/batch/cpu.max", state_ + "/journal.json", outside_})
      std::ofstream(file) << "max 100000\n";
    int abi = in_child([&] { return abi_; });
    if (abi == 0) GTEST_SKIP() << "this kernel has no Landlock";
  }
  void TearDown() override { fs::remove_all(prefix_); }

  // What `attempt` returns, at most 255, in a child that is confined.
  int in_child(const std::function<int()>& attempt) {
    pid_t child = ::fork();
    if (child == 0) {
      UniqueFd state(::open(state_.c_str(), O_PATH | O_CLOEXEC));
      bool confined = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                      confine(state, &abi_);
      ::_exit(confined ? attempt() : 255);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 254;
  }
  // 0 or an errno.
  int try_open(const std::string& path, int flags) {
    return in_child([&] {
      UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
      return file.valid() ? 0 : errno;
    });
  }

  const std::string prefix_ = CPI_TEST_PREFIX;
  const std::string hierarchy_ = prefix_ + "/fake";
  const std::string state_ = prefix_ + "/state";
  const std::string outside_ = prefix_ + "/outside";
  int abi_ = 0;
};

TEST_F(Confine, LeavesWhatTheHelperWorksWith) {
  EXPECT_EQ(0, try_open(hierarchy_ + "/batch/cpu.max", O_WRONLY));
  EXPECT_EQ(0, try_open(hierarchy_ + "/batch/cpu.max", O_RDONLY));
  EXPECT_EQ(0, try_open(hierarchy_ + "/batch", O_RDONLY | O_DIRECTORY));
  EXPECT_EQ(0, try_open("/proc/sys/kernel/random/boot_id", O_RDONLY));
  EXPECT_EQ(0, try_open(state_ + "/journal.json", O_RDONLY));
  EXPECT_EQ(0, in_child([&] {
              std::string fresh = state_ + "/journal.json.new";
              int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
              return fd >= 0 && ::fsync(fd) == 0 &&
                             ::rename(fresh.c_str(),
                                      (state_ + "/journal.json").c_str()) == 0
                         ? 0
                         : errno;
            }));
}

TEST_F(Confine, LeavesNoOtherFileToReadOrWrite) {
  for (const char* path : {"/etc/passwd", "/etc/shadow", "/proc/self/mem",
                           "/dev/null", "/root/.ssh/authorized_keys"}) {
    if (!fs::exists(path)) continue;
    EXPECT_EQ(EACCES, try_open(path, O_RDONLY)) << path;
    EXPECT_EQ(EACCES, try_open(path, O_WRONLY)) << path;
  }
  EXPECT_EQ(EACCES, try_open(outside_, O_RDWR));
  EXPECT_EQ(EACCES, try_open("/tmp/cpi-confined", O_WRONLY | O_CREAT));
  EXPECT_FALSE(fs::exists("/tmp/cpi-confined"));
}

TEST_F(Confine, LeavesNothingToMakeRemoveRenameOrExecute) {
  const std::string cgroup = hierarchy_ + "/batch";
  auto fails = [&](const char* what, const std::function<int()>& call) {
    EXPECT_EQ(EACCES, in_child([&] { return call() == 0 ? 0 : errno; }))
        << what;
  };
  fails("rmdir", [&] { return ::rmdir(cgroup.c_str()); });
  fails("mkdir", [&] { return ::mkdir((cgroup + "/x").c_str(), 0700); });
  fails("unlink", [&] { return ::unlink(outside_.c_str()); });
  fails("truncate", [&] { return ::truncate(outside_.c_str(), 0); });
  fails("symlink", [&] {
    return ::symlink("/etc", (state_ + "/journal.json.new").c_str());
  });
  fails("execute", [] { return ::execl("/bin/true", "true", nullptr); });
  EXPECT_NE(0, in_child([&] {
              std::string stolen = state_ + "/stolen";
              return ::link(outside_.c_str(), stolen.c_str()) == 0 ||
                             ::rename(outside_.c_str(), stolen.c_str()) == 0
                         ? 0
                         : errno;
            }));
  EXPECT_TRUE(fs::exists(outside_));
  EXPECT_TRUE(fs::exists(cgroup));
}

}  // namespace
}  // namespace cpi::actuator
