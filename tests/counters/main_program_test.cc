#include "counters/main_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "counters/kernel_collector.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::StartsWith;

class MainProgramTest : public testing::Test {
 protected:
  // A process that runs the file and used so many seconds; its name is odd on
  // purpose.
  void process(int pid, const std::string& file, double seconds) {
    const std::string proc = "proc/" + std::to_string(pid);
    const auto ticks = static_cast<long>(100 * seconds);
    tree_.write(proc + "/stat", std::to_string(pid) +
                                    " (a) b) S 1 1 1 0 -1 4 9 9 9 9 " +
                                    std::to_string(ticks / 2) + " " +
                                    std::to_string(ticks - ticks / 2) +
                                    " 77 77 20 0 1 0 5 6 7\n");
    const std::string link = tree_.path(proc + "/exe");
    std::filesystem::remove(link);
    std::filesystem::create_symlink(tree_.path(file), link);
    pids_ += std::to_string(pid) + "\n";
    tree_.write("cg/cgroup.procs", pids_);
  }
  void all_end() { pids_.clear(); }

  std::string look() {
    program_.look(tree_.path("cg"));
    return program_.executable();
  }

  FileTree tree_{{"bin/nginx", "one program"},
                 {"bin/shell", "another program"},
                 {"opt/nginx", "one program"},
                 {"new/nginx", "two program"},
                 {"cg/cgroup.procs", ""}};
  std::string pids_;
  MainProgram program_{tree_.path("proc")};
};

TEST_F(MainProgramTest, IsTheOneThatUsedTheMostCpu) {
  process(10, "bin/shell", 2);
  process(11, "bin/nginx", 1.5);
  process(12, "bin/nginx", 1.5);
  EXPECT_THAT(look(), StartsWith("nginx "));
}

TEST_F(MainProgramTest, IsUnknownBeforeItDidAnything) {
  process(10, "bin/nginx", 0.9);
  EXPECT_EQ(look(), "");
  process(11, "bin/nginx", 0.2);
  EXPECT_THAT(look(), StartsWith("nginx "));
}

TEST_F(MainProgramTest, AnEqualFileElsewhereIsTheSameProgram) {
  process(10, "bin/nginx", 5);
  const std::string before = look();
  all_end();
  process(11, "opt/nginx", 5);
  EXPECT_EQ(look(), before);
}

TEST_F(MainProgramTest, AnotherFileOfTheSameNameAndSizeIsAnother) {
  process(10, "bin/nginx", 5);
  const std::string before = look();
  all_end();
  process(11, "new/nginx", 5);
  EXPECT_THAT(look(), StartsWith("nginx "));
  EXPECT_NE(look(), before);
}

TEST_F(MainProgramTest, StaysWhileNoOtherUsesFarMore) {
  process(10, "bin/nginx", 5);
  const std::string nginx = look();
  process(11, "bin/shell", 19);
  EXPECT_EQ(look(), nginx);
  process(12, "bin/shell", 2);
  EXPECT_THAT(look(), StartsWith("shell "));
}

TEST_F(MainProgramTest, StaysWhileNothingRuns) {
  process(10, "bin/nginx", 5);
  const std::string nginx = look();
  all_end();
  tree_.write("cg/cgroup.procs", "");
  EXPECT_EQ(look(), nginx);
}

TEST_F(MainProgramTest, WhatEndsUnderTheReaderIsLeftOut) {
  process(10, "bin/shell", 50);
  process(11, "bin/nginx", 5);
  tree_.remove("proc/10/stat");
  EXPECT_THAT(look(), StartsWith("nginx "));
  tree_.write("proc/11/stat", "11 (nginx) S 1 1 1\n");
  MainProgram fresh(tree_.path("proc"));
  fresh.look(tree_.path("cg"));
  EXPECT_EQ(fresh.executable(), "");
}

TEST_F(MainProgramTest, ADeletedFileKeepsItsName) {
  process(10, "bin/nginx", 5);
  const std::string before = look();
  tree_.write("bin/nginx (deleted)", "one program");
  all_end();
  process(11, "bin/nginx (deleted)", 5);
  MainProgram fresh(tree_.path("proc"));
  fresh.look(tree_.path("cg"));
  EXPECT_EQ(fresh.executable(), before);
}

// Asking takes opens: not at every tick, but soon enough for a new version.
TEST_F(MainProgramTest, IsNamedInTheReadingsWithinAMinute) {
  tree_.write("cg/web/cgroup.procs", "10\n");
  tree_.write("cg/web/cpu.stat", "usage_usec 1\n");
  tree_.write("proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\n");
  tree_.write("proc/cgroups", "");
  tree_.write("sys/devices/system/cpu/online", "0\n");
  Config config;
  config.services = {{"web", {{Selector::Kind::glob, "/web"}}}};
  Environment environment;
  environment.proc = tree_.path("proc");
  environment.sys = tree_.path("sys");
  environment.mounts = {{{tree_.path("cg"), true, {"cpu"}}}};
  auto collector = KernelCollector::create(
      config, [](Severity, const std::string&) {}, environment);
  ASSERT_TRUE(collector) << collector.error().message();
  Instant now{std::chrono::seconds(100)};
  const auto executable = [&]() -> std::string {
    return (*(*collector)->collect(now))->services.at(0).reading.executable;
  };
  EXPECT_EQ(executable(), "");
  process(10, "bin/nginx", 5);
  now += std::chrono::minutes(1);
  EXPECT_THAT(executable(), StartsWith("nginx "));
}

}  // namespace
}  // namespace cpi
