// Starting the helper and learning what became of it, in a process that cannot
// wait for its children. The helper here is a script.
#include "actuate/spawn_actuator.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "actuator/request.h"
#include "base/unique_fd.h"

namespace cpi {
namespace {

using actuator::Exit;
using actuator::Verb;
using std::chrono::seconds;
using testing::HasSubstr;

class SpawnActuatorTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/cpi-spawn-XXXXXX";
    ASSERT_NE(nullptr, ::mkdtemp(name));
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // A helper that does what `body` says, in sh.
  SpawnActuator helper(const std::string& body,
                       std::chrono::milliseconds timeout = seconds(10)) {
    std::string path = directory_ + "/helper";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    ::chmod(path.c_str(), 0755);
    return SpawnActuator({path, timeout});
  }

  std::string directory_;
};

TEST_F(SpawnActuatorTest, BringsExitStatusReplyAndWords) {
  auto outcome =
      helper("echo '{}'; echo because >&2; exit 77").run(Command::status());
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(Exit::refused, outcome->exit);
  EXPECT_EQ("{}\n", outcome->reply);
  EXPECT_EQ("because\n", outcome->words);
}

TEST_F(SpawnActuatorTest, TheHelperHasNoEnvironment) {
  ::setenv("CPI_SECRET", "x", 1);
  auto outcome = helper("cat /proc/$$/environ").run(Command::status());
  ASSERT_TRUE(outcome);
  EXPECT_EQ("", outcome->reply);
}

TEST_F(SpawnActuatorTest, TheHelperInheritsNoDescriptorThatAnotherLeaked) {
  UniqueFd leaked(::fcntl(STDERR_FILENO, F_DUPFD, 200));
  ASSERT_EQ(200, leaked.get());
  auto outcome =
      helper("test -e /proc/$$/fd/200 || exit 10").run(Command::status());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(Exit::rolled_back, outcome->exit);
}

TEST_F(SpawnActuatorTest, TheHelperHasDefaultSignals) {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_IGN);
  // Nothing is started to read them: a shell blocks signals while it forks.
  auto outcome =
      helper(
          "while read -r key value; do case $key in SigIgn: | SigBlk:) "
          "echo \"$key $value\" ;; esac; done </proc/$$/status")
          .run(Command::status());
  ::signal(SIGCHLD, SIG_DFL);
  ASSERT_TRUE(outcome);
  EXPECT_EQ("SigBlk: 0000000000000000\nSigIgn: 0000000000000000\n",
            outcome->reply);
}

TEST_F(SpawnActuatorTest, OutputBeyondTheBoundIsReadAndDropped) {
  auto outcome =
      helper(
          "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; exit 10")
          .run(Command::status());
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(Exit::rolled_back, outcome->exit);
  EXPECT_EQ(SpawnActuator::kMostOutput, outcome->reply.size());
  EXPECT_EQ(SpawnActuator::kMostOutput, outcome->words.size());
}

TEST_F(SpawnActuatorTest, AHelperThatDoesNotEndIsNotWaitedForForever) {
  std::string gate = directory_ + "/gate";
  ASSERT_EQ(0, ::mkfifo(gate.c_str(), 0600));
  auto outcome = helper("read x < " + gate, std::chrono::milliseconds(30))
                     .run(Command::status());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(ETIMEDOUT, outcome.error().code);
  std::ofstream(gate) << "go\n";
}

TEST_F(SpawnActuatorTest, DeathByASignalIsNoOutcome) {
  auto outcome = helper("kill -9 $$").run(Command::status());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message(), HasSubstr("killed by signal 9"));
  EXPECT_THAT(outcome.error().remedy, HasSubstr("restore"));
}

TEST_F(SpawnActuatorTest, AnUnknownExitStatusIsNoOutcome) {
  auto outcome = helper("exit 3").run(Command::status());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(EPROTO, outcome.error().code);
}

TEST_F(SpawnActuatorTest, AHelperThatCannotBeStartedSaysWhy) {
  auto outcome = SpawnActuator({directory_ + "/none"}).run(Command::status());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(ENOENT, outcome.error().code);
}

TEST_F(SpawnActuatorTest, OutcomesAreKnownWhereSigchldIsIgnored) {
  SpawnActuator actuator = helper("exit 75");
  ::signal(SIGCHLD, SIG_IGN);
  int known = 0;
  for (int i = 0; i < 30; ++i) {
    auto outcome = actuator.run(Command::status());
    known += outcome && outcome->exit == Exit::busy ? 1 : 0;
  }
  ::signal(SIGCHLD, SIG_DFL);
  EXPECT_EQ(30, known);
}

TEST_F(SpawnActuatorTest, OutcomesAreKnownWhereSomebodyReapsEveryChild) {
  SpawnActuator actuator = helper("exit 75");
  std::atomic<bool> over = false;
  std::thread reaper([&] {
    while (!over)
      if (::waitpid(-1, nullptr, WNOHANG) <= 0) std::this_thread::yield();
  });
  int known = 0;
  for (int i = 0; i < 30; ++i) {
    auto outcome = actuator.run(Command::status());
    known += outcome && outcome->exit == Exit::busy ? 1 : 0;
  }
  over = true;
  reaper.join();
  EXPECT_EQ(30, known);
}

TEST_F(SpawnActuatorTest, LeavesNeitherDescriptorsNorZombies) {
  SpawnActuator actuator = helper("exit 0");
  auto count = [] {
    auto fds = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(begin(fds), end(fds));
  };
  auto before = count();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(actuator.run(Command::status()));
  EXPECT_EQ(before, count());
  EXPECT_EQ(-1, ::waitpid(-1, nullptr, WNOHANG));
  EXPECT_EQ(ECHILD, errno);
}

TEST_F(SpawnActuatorTest, CheckWantsASetuidRootProgram) {
  SpawnActuator actuator = helper("exit 0");
  auto checked = actuator.check();
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("not setuid root"));
  EXPECT_EQ(ENOENT, SpawnActuator({"/none"}).check().error().code);
}

TEST(Privileges, NoNewPrivsIsNamedWithItsRemedy) {
  auto checked = check_privileges("NoNewPrivs:\t1\nCapBnd:\t00\n");
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().remedy, HasSubstr("NoNewPrivileges="));
  EXPECT_TRUE(check_privileges("Name:\tcollectd\nNoNewPrivs:\t0\n"));
  EXPECT_TRUE(check_privileges(""));
}

TEST(Privileges, AnEmptyBoundingSetIsNoObstacle) {
  EXPECT_TRUE(check_privileges("CapBnd:\t0000000000000000\nNoNewPrivs:\t0\n"));
}

// Every command, as the helper's parser reads it.
TEST(Command, EachIsARequestToTheHelper) {
  const Command commands[] = {Command::lower("batch/a", 500, seconds(60)),
                              Command::raise("batch/a", 700),
                              Command::raise("batch/a", 700, seconds(9)),
                              Command::release("batch/a"),
                              Command::release_all(),
                              Command::freeze(seconds(60), "noisy"),
                              Command::thaw(),
                              Command::restore(),
                              Command::restore(true),
                              Command::status(),
                              Command::self_test()};
  for (const Command& command : commands) {
    std::vector<std::string> arguments = arguments_of(command);
    std::vector<std::string_view> views(arguments.begin(), arguments.end());
    actuator::Request request{};
    const char* problem = actuator::parse_request(views, &request);
    ASSERT_EQ(nullptr, problem) << arguments[0] << ": " << problem;
    EXPECT_EQ(command.verb, request.verb);
    EXPECT_EQ(command.target, request.target.text);
    EXPECT_EQ(command.millicores, request.millicores);
    EXPECT_EQ(command.period.count(), request.seconds);
    EXPECT_EQ(command.reason, request.reason);
    EXPECT_EQ(command.expired, request.expired);
  }
}

TEST(Outcome, SuccessIsOnlyDone) {
  EXPECT_TRUE(success({Exit::done, "", ""}));
  for (int status = 1; status < 256; ++status) {
    Exit exit{status};
    if (name_of(exit).empty()) continue;
    auto result = success({exit, "", "said so\n"});
    ASSERT_FALSE(result);
    EXPECT_NE(0, result.error().code) << status;
    EXPECT_EQ("said so", result.error().what);
  }
}

}  // namespace
}  // namespace cpi
