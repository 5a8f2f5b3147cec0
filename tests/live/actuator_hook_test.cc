// cpi-oci-hook with real processes in real cgroups: what starts during a freeze
// and what does not.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

constexpr int kAllow = 0;
constexpr int kRefuse = 1;

// A container's first process, waiting in its cgroup.
class Container {
 public:
  explicit Container(const std::string& cgroup) : cgroup_(cgroup) {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::pause();
      ::_exit(0);
    }
    EXPECT_TRUE(
        write_file(cgroup_.path() + "/cgroup.procs", std::to_string(pid_)));
  }
  ~Container() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    for (int i = 0; i < 100 && ::rmdir(cgroup_.path().c_str()) != 0; ++i)
      ::usleep(1000);
  }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  [[nodiscard]] std::string state(const std::string& more = "") const {
    return R"({"ociVersion": "1.0.2", "id": "x", "status": "created", "pid": )" +
           std::to_string(pid_) + R"(, "bundle": "/b")" + more + "}";
  }

 private:
  CpuCgroup cgroup_;
  pid_t pid_ = 0;
};

class Hook : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::filesystem::copy_file(CPI_HOOK, kPrefix + "/bin/hook");
    parent.emplace(kParent);
  }
  void TearDown() override {
    parent.reset();
    ActuatorSite::TearDown();
  }
  static Ending hook(const std::string& state) {
    int input[2];
    EXPECT_EQ(0, ::pipe2(input, O_CLOEXEC));
    EXPECT_EQ(static_cast<ssize_t>(state.size()),
              ::write(input[1], state.data(), state.size()));
    ::close(input[1]);
    Launch launch;
    launch.program = kPrefix + "/bin/hook";
    launch.prepare = [&] { ::dup2(input[0], STDIN_FILENO); };
    Ending ending = run(launch);
    ::close(input[0]);
    return ending;
  }
  void freeze() {
    ASSERT_EQ(code(Exit::done),
              call({"freeze", "60", "--reason", "noisy"}).exit);
  }
  std::optional<CpuCgroup> parent;
};

TEST_F(Hook, AllowsEverythingWhileNothingIsFrozen) {
  Container fresh(kParent + "/fresh");
  EXPECT_EQ(kAllow, hook(fresh.state()).exit);
}

TEST_F(Hook, RefusesNewBatchWorkAndSaysUntilWhen) {
  freeze();
  Container fresh(kParent + "/fresh");
  Ending ending = hook(fresh.state());
  EXPECT_EQ(kRefuse, ending.exit);
  EXPECT_NE(std::string::npos, ending.err.find("no new batch work until 20"))
      << ending.err;
  EXPECT_NE(std::string::npos, ending.err.find("(noisy)")) << ending.err;
  EXPECT_EQ(code(Exit::done), call({"thaw"}).exit);
  EXPECT_EQ(kAllow, hook(fresh.state()).exit);
}

TEST_F(Hook, AllowsWhatIsNotBelowABatchParent) {
  freeze();
  Container outside(kParent + "-outside");
  EXPECT_EQ(kAllow, hook(outside.state()).exit);
}

TEST_F(Hook, AllowsWhatCarriesTheAnnotation) {
  configure(
      config_text("", R"(, "hook": {"exempt_annotation": "cpi/exempt"})"));
  freeze();
  Container fresh(kParent + "/fresh");
  EXPECT_EQ(
      kAllow,
      hook(fresh.state(R"(, "annotations": {"cpi/exempt": "true"})")).exit);
  EXPECT_EQ(
      kRefuse,
      hook(fresh.state(R"(, "annotations": {"cpi/exempt": "false"})")).exit);
}

TEST_F(Hook, AllowsANewContainerOfAPodThatWasThere) {
  const std::string old_uid = "pod0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
  const std::string new_uid = "pod1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
  CpuCgroup best_effort(kParent + "/besteffort");
  CpuCgroup old_pod(kParent + "/besteffort/" + old_uid);
  freeze();
  CpuCgroup new_pod(kParent + "/besteffort/" + new_uid);
  {
    Container restarted(kParent + "/besteffort/" + old_uid + "/c1");
    Container fresh(kParent + "/besteffort/" + new_uid + "/c1");
    EXPECT_EQ(kAllow, hook(restarted.state()).exit);
    EXPECT_EQ(kRefuse, hook(fresh.state()).exit);
  }
}

TEST_F(Hook, AllowsAndLogsWhenItCannotTellUnlessToldOtherwise) {
  freeze();
  for (const char* state : {"", "{", "[]", R"({"pid": "1"})", R"({"pid": -4})",
                            R"({"pid": 2147483647})"}) {
    Ending ending = hook(state);
    EXPECT_EQ(kAllow, ending.exit) << state;
    EXPECT_NE("", ending.err) << state;
  }
  configure(config_text("", R"(, "hook": {"fail_closed": true})"));
  EXPECT_EQ(kRefuse, hook("{").exit);
  write_file(kPrefix + "/run/journal.json", "{");
  EXPECT_EQ(kRefuse, hook("{").exit);
}

TEST_F(Hook, AllowsWithoutAConfigurationOrAState) {
  Container fresh(kParent + "/fresh");
  freeze();
  ::unlink((kPrefix + "/etc/actuator.json").c_str());
  EXPECT_EQ(kAllow, hook(fresh.state()).exit);
  configure(config_text());
  ::unlink((kPrefix + "/run/journal.json").c_str());
  EXPECT_EQ(kAllow, hook(fresh.state()).exit);
}

}  // namespace
}  // namespace cpi::live
