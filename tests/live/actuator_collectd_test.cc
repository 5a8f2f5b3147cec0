// Inside the real daemon, which ignores SIGCHLD and whose exec plugin reaps
// whatever ends, the outcome of every call is known.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "actuator_site.h"

namespace cpi::live {
namespace {

namespace fs = std::filesystem;

class Collectd : public ActuatorSite,
                 public testing::WithParamInterface<bool> {};

TEST_P(Collectd, KnowsTheOutcomeOfEveryCall) {
  const std::string daemon = "/usr/sbin/collectd";
  const std::string exec = "/usr/lib/collectd/exec.so";
  if (!fs::exists(daemon) || !fs::exists(exec))
    GTEST_SKIP() << "collectd-core is not installed";
  fs::create_directories(kPrefix + "/lib");
  fs::copy_file(CPI_COLLECTD_MODULE, kPrefix + "/lib/cpi_spawn.so");
  fs::copy_file(exec, kPrefix + "/lib/exec.so");
  std::string text = "BaseDir \"" + kPrefix + "\"\nPluginDir \"" + kPrefix +
                     "/lib\"\nInterval 1\nTypesDB \"/dev/null\"\n";
  if (GetParam())
    text += R"(LoadPlugin exec
<Plugin exec>
  Exec "nobody:nogroup" "/bin/true"
</Plugin>
)";
  text += "LoadPlugin cpi_spawn\n";
  write_file(kPrefix + "/collectd.conf", text);
  pid_t pid = ::fork();
  if (pid == 0) {
    ::execl(daemon.c_str(), "collectd", "-f", "-C",
            (kPrefix + "/collectd.conf").c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 600 && read_file(kPrefix + "/known").empty(); ++i)
    ::usleep(100'000);
  ::kill(pid, SIGTERM);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ("100\n", read_file(kPrefix + "/known"));
}

INSTANTIATE_TEST_SUITE_P(Exec, Collectd, testing::Bool(), [](const auto& kind) {
  return kind.param ? "Loaded" : "NotLoaded";
});

}  // namespace
}  // namespace cpi::live
