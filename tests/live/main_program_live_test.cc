// Which program real processes run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "counters/main_program.h"
#include "live/daemon.h"
#include "live/live_cgroup.h"

namespace cpi {
namespace {

using testing::StartsWith;

TEST(MainProgramLiveTest, IsTheOneThatBurnsTheCpu) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root for cgroups";
  const LiveCgroup cgroup("/cpi-program");
  if (!cgroup.usable()) GTEST_SKIP() << "no writable cgroup file system";
  const Child idle(cgroup, [] { ::execlp("sleep", "sleep", "1000", nullptr); });
  const Child busy(cgroup, burn);
  idle.run();
  busy.run();
  MainProgram program("/proc");
  const auto known = [&] {
    program.look(cgroup.primary());
    return !program.executable().empty();
  };
  ASSERT_TRUE(LiveDaemon::eventually(known));
  EXPECT_THAT(program.executable(), StartsWith("live_test "));
}

}  // namespace
}  // namespace cpi
