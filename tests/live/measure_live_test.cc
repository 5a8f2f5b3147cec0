// cpictl measure with a real server and a real load generator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <regex>

#include "live/daemon.h"
#include "live/live_cgroup.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

constexpr char kNginx[] = "/usr/sbin/nginx";
constexpr char kWrk[] = "/usr/bin/wrk";

std::string nginx_conf(const std::string& folder) {
  return "daemon off; master_process off; pid " + folder +
         "/pid; error_log stderr crit;\n"
         "events {}\nhttp { access_log off; client_body_temp_path " +
         folder + "/b; proxy_temp_path " + folder + "/p; fastcgi_temp_path " +
         folder + "/f; uwsgi_temp_path " + folder + "/u; scgi_temp_path " +
         folder +
         "/s;\nserver { listen 127.0.0.1:18099; return 200 hello; } }\n";
}

class MeasureLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
    if (CPI_SANITIZED) {
      GTEST_SKIP() << "collectd cannot load a sanitized module by itself";
    }
    if (!cgroup_.usable()) GTEST_SKIP() << "cannot make cgroups here";
    if (::access(kNginx, X_OK) != 0) GTEST_SKIP() << "no nginx";
    if (::access(kWrk, X_OK) != 0) GTEST_SKIP() << "no wrk";
    std::ofstream(directory_ / "nginx.conf") << nginx_conf(directory_.path());
    std::ofstream(directory_ / "cpi.conf")
        << "<Plugin cpi>\n<Service \"web\">\n  Cgroup \"" << path_
        << "\"\n  CPU 64\n</Service>\n</Plugin>\n";
  }

  // Exit status and everything printed.
  std::pair<int, std::string> measure(const std::string& arguments) {
    const std::string command = std::string(CPICTL) + " measure web --config " +
                                (directory_ / "cpi.conf") +
                                " --module " CPI_MODULE " " + arguments +
                                " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    char part[4096];
    while (std::fgets(part, sizeof part, pipe)) output += part;
    return {WEXITSTATUS(::pclose(pipe)), output};
  }

  std::string path_ = "/cpi-measure-" + std::to_string(::getpid());
  LiveCgroup cgroup_{path_};
  TemporaryDirectory directory_;
};

TEST_F(MeasureLiveTest, SaysWhatAServerAtFullEffortNeeds) {
  const std::string conf = directory_ / "nginx.conf";
  Child server(cgroup_, [&conf] {
    ::execl(kNginx, kNginx, "-c", conf.c_str(), nullptr);
  });
  server.run();
  ASSERT_TRUE(LiveDaemon::eventually([] {
    return std::system("curl -s -o /dev/null http://127.0.0.1:18099/") == 0;
  }));
  const auto [status, output] = measure(
      "--interval 0.2 --qps 'Requests/sec: +([0-9.]+)' -- wrk -t1 -c8 -d3 "
      "http://127.0.0.1:18099/");
  EXPECT_EQ(status, 0) << output;
  EXPECT_THAT(output, ContainsRegex("\nCPU [0-9.]+  # declared 64: "));
  EXPECT_THAT(output, ContainsRegex("\nMaxQPS [0-9.e+]+  # not declared yet"));
  std::smatch cpu;
  ASSERT_TRUE(std::regex_search(output, cpu, std::regex("([0-9.]+) at most")));
  // One process: some of a CPU, and no more than one.
  EXPECT_GT(std::stod(cpu[1]), 0.05);
  EXPECT_LT(std::stod(cpu[1]), 1.3);
}

TEST_F(MeasureLiveTest, AClientThatFailsMeasuresNothing) {
  Child server(cgroup_, [] { ::pause(); });
  server.run();
  const auto [status, output] =
      measure("--interval 0.1 -- sh -c 'sleep 0.3; echo broken; exit 3'");
  EXPECT_EQ(status, 1);
  EXPECT_THAT(output, HasSubstr("the client failed (3):\nbroken"));
}

TEST_F(MeasureLiveTest, AServiceThatDoesNotRunHereIsSaid) {
  cgroup_.remove();
  const auto [status, output] = measure("-- true");
  EXPECT_EQ(status, 1);
  EXPECT_THAT(output, HasSubstr("web does not run on this host"));
}

}  // namespace
}  // namespace cpi
