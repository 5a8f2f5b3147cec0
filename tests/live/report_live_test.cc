// The page that `cpictl report` writes beside a real collectd, and after one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/child.h"
#include "live/daemon.h"
#include "live/live_cgroup.h"
#include "store/atomic_file.h"
#include "store/history_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::HasSubstr;

class ReportLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = LiveDaemon::unavailable()) GTEST_SKIP() << *why;
    if (!cgroup_.usable()) GTEST_SKIP() << "no writable cgroup file system";
  }

  // Both count nanoseconds of the same clock: a CPI of one.
  LiveDaemon daemon_{LiveDaemon::with_module(
      "CyclesEvent \"cpu-clock\"\nInstructionsEvent \"cpu-clock\"\n"
      "MinInstructions 1000\n"
      "<Service \"reported\">\n  Cgroup \"/cpi-report\"\n</Service>\n")};
  LiveCgroup cgroup_{"/cpi-report"};
  TemporaryDirectory directory_;

  [[nodiscard]] std::string state_dir() const {
    return daemon_.base_dir() + "/cpi";
  }
  [[nodiscard]] std::vector<WindowRecord> counted() const {
    auto windows = read_history(state_dir() + "/history", "reported").windows;
    const auto nothing = [](const WindowRecord& window) {
      return std::isnan(window.value);
    };
    windows.erase(std::remove_if(windows.begin(), windows.end(), nothing),
                  windows.end());
    return windows;
  }
  // The page; empty where there is none.
  [[nodiscard]] std::string report() const {
    const std::string page = directory_ / "report.html";
    const auto child =
        run_child({CPICTL, "report", "--state-dir", state_dir(), "-o", page},
                  directory_ / "log");
    EXPECT_TRUE(child);
    if (child) {
      EXPECT_EQ(child->status, 0) << child->output;
    }
    return read_file(page).value_or("");
  }
};

TEST_F(ReportLiveTest, ShowsWhatTheDaemonSawAlsoAfterItWasKilled) {
  const Child child(cgroup_, burn);
  child.run();
  daemon_.start();
  constexpr std::size_t kWindows = 5;
  ASSERT_TRUE(LiveDaemon::eventually([&] {
    return counted().size() >= kWindows;
  })) << daemon_.log();
  EXPECT_THAT(report(), HasSubstr("reported"));
  for (const WindowRecord& window : counted()) {
    EXPECT_NEAR(window.value, 1, 0.01);
    EXPECT_GT(window.usage, 0);
  }
  const std::size_t before = counted().size();
  daemon_.kill();
  EXPECT_GE(counted().size(), before);
  EXPECT_THAT(report(), HasSubstr("reported"));
}

}  // namespace
}  // namespace cpi
