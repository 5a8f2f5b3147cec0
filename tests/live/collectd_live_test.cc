// The module in a real collectd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

#include "live/daemon.h"
#include "store/config_json.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr char kNothing[] =
    "<Service \"nothing\">\n"
    "  Cgroup \"/cpi-matches-nothing\"\n"
    "</Service>\n";
constexpr char kBadBlock[] =
    "<Service \"bad\">\n"
    "  Cgroup \"no-slash\"\n"
    "  Cgruop \"/a\"\n"
    "</Service>\n";

class CollectdLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
  }

  // Every test: sanitizers found nothing, and nothing repeats.
  void TearDown() override {
    if (!daemon_) return;
    EXPECT_THAT(daemon_->log_lines("Sanitizer"), IsEmpty()) << daemon_->log();
    EXPECT_THAT(daemon_->log_lines("runtime error"), IsEmpty());
  }

  LiveDaemon& daemon(const std::string& configuration) {
    daemon_ = std::make_unique<LiveDaemon>(configuration);
    return *daemon_;
  }

  std::unique_ptr<LiveDaemon> daemon_;
};

TEST_F(CollectdLiveTest, StartsPublishesAnswersAndStops) {
  LiveDaemon& live = daemon(LiveDaemon::with_module(kNothing));
  live.start();
  ASSERT_TRUE(live.eventually_stores("cpi-host/gauge-config_errors", 2))
      << live.log();
  EXPECT_EQ(live.stored("cpi-host/gauge-config_errors")[0].value, 0);
  EXPECT_GT(live.stored("cpi-host/gauge-read_seconds")[0].value, 0);
  EXPECT_THAT(live.ask("GETVAL livehost/cpi-host/gauge-config_errors"),
              HasSubstr("value=0"));
  EXPECT_THAT(live.log_lines("[error]"), IsEmpty());
  EXPECT_EQ(live.stop(), 0) << live.log();
}

TEST_F(CollectdLiveTest, ReadsOnceUnderTest) {
  LiveDaemon& live = daemon(LiveDaemon::with_module(kNothing));
  EXPECT_EQ(live.read_once(), 0) << live.log();
}

TEST_F(CollectdLiveTest, ABadBlockIsSkippedAndTheOthersRun) {
  LiveDaemon& live =
      daemon(LiveDaemon::with_module(std::string(kBadBlock) + kNothing));
  live.start();
  ASSERT_TRUE(live.eventually_stores("cpi-host/gauge-config_errors", 3));
  EXPECT_EQ(live.stored("cpi-host/gauge-config_errors")[0].value, 1);
  const auto errors = live.log_lines("[error]");
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("<Service \"bad\"> skipped: "));
  EXPECT_THAT(errors[0], HasSubstr("Cgroup \"no-slash\": expected a glob"));
  EXPECT_THAT(errors[0], HasSubstr("Cgruop: unknown option"));
  EXPECT_THAT(live.log_lines("severity = WARNING"), SizeIs(1));
  const auto config = load_config(live.base_dir() + "/cpi/config.json");
  ASSERT_TRUE(config) << config.error().message();
  ASSERT_EQ(config->services.size(), 1u);
  EXPECT_EQ(config->services[0].name, "nothing");
  EXPECT_EQ(live.stop(), 0);
}

TEST_F(CollectdLiveTest, ABadGlobalOptionIdlesThePluginAndTheDaemonLives) {
  LiveDaemon& live = daemon(
      LiveDaemon::with_module(std::string("MinRunningRatio 2\n") + kNothing));
  live.start();
  ASSERT_TRUE(live.eventually_logs("Initialization complete"));
  EXPECT_TRUE(
      live.eventually([&live] { return !live.ask("LISTVAL").empty(); }));
  EXPECT_TRUE(live.is_running());
  EXPECT_THAT(live.log_lines("cpi plugin: "),
              ElementsAre("[error] cpi plugin: MinRunningRatio 2: expected a "
                          "number from 0 to 1; idle until this is corrected"));
  EXPECT_THAT(live.log_lines("severity = FAILURE"), SizeIs(1));
  EXPECT_THAT(live.stored("cpi-host/gauge-config_errors"), IsEmpty());
  live.stop();
}

TEST_F(CollectdLiveTest, ABadGlobalOptionFailsTheDaemonsOwnTest) {
  LiveDaemon& live = daemon(LiveDaemon::with_module("MinRunningRatio 2\n"));
  EXPECT_EQ(live.read_once(), 1);
}

TEST_F(CollectdLiveTest, SeveralPluginBlocksMerge) {
  LiveDaemon& live = daemon(LiveDaemon::with_module(kNothing) +
                            "<Plugin cpi>\n  CPUs \"0\"\n</Plugin>\n"
                            "<Plugin cpi>\n  ReportHost false\n</Plugin>\n");
  EXPECT_EQ(live.read_once(), 0);
  const auto config = load_config(live.base_dir() + "/cpi/config.json");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->counters.cpus, "0");
  EXPECT_FALSE(config->report.host);
  EXPECT_EQ(config->services.size(), 1u);
}

TEST_F(CollectdLiveTest, TheDutyCycleStartsAndStopsWithTheDaemon) {
  LiveDaemon& live = daemon(
      LiveDaemon::with_module(std::string("CountTime 0.05\n") + kNothing));
  live.start();
  ASSERT_TRUE(live.eventually_stores("cpi-host/gauge-config_errors", 5));
  EXPECT_EQ(live.stop(), 0) << live.log();
}

TEST_F(CollectdLiveTest, TheModuleExportsItsEntryPointAndNothingElse) {
  FILE* nm = ::popen("nm -D --defined-only '" CPI_MODULE "'", "r");
  ASSERT_NE(nm, nullptr);
  std::string symbols;
  char part[256];
  while (std::fgets(part, sizeof part, nm)) symbols += part;
  if (::pclose(nm) != 0) GTEST_SKIP() << "nm is not installed";
  EXPECT_THAT(symbols, testing::EndsWith(" T module_register\n"));
  EXPECT_EQ(symbols.find('\n'), symbols.size() - 1) << symbols;
}

}  // namespace
}  // namespace cpi
