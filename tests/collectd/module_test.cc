// The module's C callbacks, as the daemon would call them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syslog.h>

#include <stdexcept>
#include <string>

#include "collectd/daemon.h"
#include "collectd/source.h"
#include "support/config_tree.h"
#include "support/fake_collectd.h"
#include "support/temporary_directory.h"

extern "C" void module_register();

namespace cpi {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// What collect() does next.
enum class Collects { readings, error, exception, something_thrown };
Collects g_collects = Collects::readings;

class ScriptedCollector final : public Collector {
 public:
  Result<const Readings*> collect(Instant now) override {
    switch (g_collects) {
      case Collects::readings:
        break;
      case Collects::error:
        return fail(0, "no cgroups");
      case Collects::exception:
        throw std::runtime_error("boom");
      case Collects::something_thrown:
        throw 7;
    }
    readings_.host = {now, 1, {}};
    return &readings_;
  }

 private:
  Readings readings_;
};

}  // namespace

// In place of the one that reads the kernel: the linker takes the first.
Result<Source> kernel_source(const Config& config, LogSink /*log*/) {
  if (config.counters.cycles_event == "throw") {
    throw std::runtime_error("bang");
  }
  return Source{std::make_unique<ScriptedCollector>(),
                [] { return std::size_t{3}; }};
}

namespace {

class ModuleTest : public testing::Test {
 protected:
  ModuleTest() {
    g_collects = Collects::readings;
    daemon_.reset();
    daemon_.base_dir = directory_.path();
    module_register();
  }
  ~ModuleTest() override { daemon_.shutdown(); }

  int configure(std::vector<TreeItem> items) {
    ConfigTree tree({"Plugin", {"cpi"}, std::move(items)});
    return daemon_.config(tree.mutable_root());
  }

  FakeCollectd& daemon_ = FakeCollectd::get();
  TemporaryDirectory directory_;
};

TEST_F(ModuleTest, RegistersItsReaderOnlyWhenItCanRead) {
  EXPECT_TRUE(daemon_.config);
  EXPECT_FALSE(daemon_.read);
  EXPECT_EQ(daemon_.init(), 0);
  EXPECT_TRUE(daemon_.read);
}

TEST_F(ModuleTest, PublishesWithOneTimeStampUnderItsOwnName) {
  daemon_.now = 4711;
  ASSERT_EQ(daemon_.init(), 0);
  EXPECT_EQ(daemon_.read(), 0);
  ASSERT_THAT(daemon_.values, SizeIs(3));
  for (const auto& value : daemon_.values) {
    EXPECT_EQ(value.time, 4711u);
    EXPECT_THAT(value.identifier, StartsWith("cpi-host/gauge-"));
  }
  EXPECT_THAT(daemon_.log, IsEmpty());
}

TEST_F(ModuleTest, ABadConfigurationNeverKeepsTheDaemonFromStarting) {
  EXPECT_EQ(configure({{"MinRunningRatio", {"high"}}}), 0);
  EXPECT_THAT(daemon_.logged(LOG_ERR),
              ElementsAre(StartsWith("cpi plugin: MinRunningRatio \"high\"")));
}

TEST_F(ModuleTest, ABadGlobalOptionLeavesNoReaderBehind) {
  configure({{"MinRunningRatio", {2}}});
  EXPECT_NE(daemon_.init(), 0);
  EXPECT_FALSE(daemon_.read);
  ASSERT_THAT(daemon_.notifications, SizeIs(1));
  EXPECT_THAT(daemon_.notifications[0].message,
              HasSubstr("MinRunningRatio 2: expected"));
  EXPECT_EQ(daemon_.notifications[0].identifier,
            "fakehost/cpi-host/gauge-config_errors");
  EXPECT_EQ(daemon_.notifications[0].severity, 1);
}

TEST_F(ModuleTest, ANotificationCarriesTimeAndMetadataAndLeaksNothing) {
  configure({{"Batch", {"b"}}});
  ASSERT_EQ(daemon_.init(), 0);
  daemon_.now = 99;
  daemon_.read();
  ASSERT_THAT(daemon_.notifications, SizeIs(1));
  EXPECT_EQ(daemon_.notifications[0].time, 99u);
  EXPECT_EQ(daemon_.notifications[0].severity, 2);
  EXPECT_EQ(std::get<double>(daemon_.notifications[0].meta.at("CurrentValue")),
            1.0);
  EXPECT_EQ(daemon_.live_meta, 0);
}

TEST_F(ModuleTest, ReadFailsOnlyWhenNothingWorks) {
  ASSERT_EQ(daemon_.init(), 0);
  g_collects = Collects::error;
  EXPECT_NE(daemon_.read(), 0);
  g_collects = Collects::readings;
  EXPECT_EQ(daemon_.read(), 0);
  EXPECT_THAT(daemon_.logged(LOG_INFO), SizeIs(1));
}

TEST_F(ModuleTest, NoExceptionLeavesACallback) {
  ASSERT_EQ(daemon_.init(), 0);
  g_collects = Collects::exception;
  EXPECT_NE(daemon_.read(), 0);
  g_collects = Collects::something_thrown;
  EXPECT_NE(daemon_.read(), 0);
  EXPECT_THAT(daemon_.logged(LOG_ERR),
              ElementsAre("cpi plugin: read: boom",
                          "cpi plugin: read: unknown exception"));
}

TEST_F(ModuleTest, AnExceptionWhileStartingIdlesIt) {
  configure({{"CyclesEvent", {"throw"}}});
  EXPECT_NE(daemon_.init(), 0);
  EXPECT_FALSE(daemon_.read);
}

TEST_F(ModuleTest, WhatIsLoggedStaysOnOneLine) {
  Daemon::log()(Severity::error, "cgroup /a\n\x1b[2Jforged");
  EXPECT_THAT(daemon_.logged(LOG_ERR),
              ElementsAre("cpi plugin: cgroup /a\\x0a\\x1b[2Jforged"));
}

TEST_F(ModuleTest, AMessageIsCutBetweenTwoCharacters) {
  std::string message = "a";
  for (int i = 0; i < 200; ++i) message += "ß";
  Daemon().notify({.alert = Alert::warning,
                   .message = message,
                   .instance = "host",
                   .type_instance = "x"});
  ASSERT_THAT(daemon_.notifications, SizeIs(1));
  EXPECT_EQ(daemon_.notifications[0].message, message.substr(0, 255));
  message.insert(0, "a");
  Daemon().notify({.alert = Alert::warning,
                   .message = message,
                   .instance = "host",
                   .type_instance = "x"});
  EXPECT_EQ(daemon_.notifications[1].message, message.substr(0, 254));
}

TEST_F(ModuleTest, AfterShutdownNothingCrashes) {
  ASSERT_EQ(daemon_.init(), 0);
  EXPECT_EQ(daemon_.shutdown(), 0);
  EXPECT_NE(daemon_.read(), 0);
  EXPECT_EQ(configure({}), 0);
}

TEST_F(ModuleTest, WhatCannotBeSavedIsAWarning) {
  configure({{"StateDir", {"/proc/cpi"}}});
  EXPECT_EQ(daemon_.init(), 0);
  EXPECT_THAT(daemon_.logged(LOG_WARNING), SizeIs(1));
}

TEST(DaemonTest, WithoutABaseDirItIsWhereTheDaemonWorks) {
  FakeCollectd::get().reset();
  EXPECT_EQ(Daemon::base_dir(), ".");
  FakeCollectd::get().base_dir = "/var/lib/collectd";
  EXPECT_EQ(Daemon::base_dir(), "/var/lib/collectd");
}

TEST(DaemonTest, KnowsTheInterval) {
  FakeCollectd::get().reset();
  FakeCollectd::get().interval_seconds = 2.5;
  EXPECT_EQ(Daemon::interval(), std::chrono::milliseconds(2500));
}

TEST(DaemonTest, PublishesGaugesSumsAndTheirCgroup) {
  FakeCollectd& fake = FakeCollectd::get();
  fake.reset();
  const Value values[] = {
      {"service_web", "gauge", "cpi", 1.5, "/web"},
      {"service_web", "perf", "cycles", std::int64_t{1} << 60}};
  Daemon daemon;
  daemon.publish(values);
  ASSERT_THAT(fake.values, SizeIs(2));
  EXPECT_EQ(fake.values[0].identifier, "cpi-service_web/gauge-cpi");
  EXPECT_EQ(std::get<double>(fake.values[0].number), 1.5);
  EXPECT_EQ(fake.values[0].meta.at("cgroup"), "/web");
  EXPECT_EQ(std::get<std::int64_t>(fake.values[1].number),
            std::int64_t{1} << 60);
  EXPECT_THAT(fake.values[1].meta, IsEmpty());
  EXPECT_EQ(fake.live_meta, 0);
}

TEST(DaemonTest, NotifiesInAllSeveritiesWithTextsAndNumbers) {
  FakeCollectd& fake = FakeCollectd::get();
  fake.reset();
  Daemon daemon;
  daemon.notify({Alert::okay,
                 std::string(400, 'x'),
                 "service_web",
                 "incident",
                 {{"service", std::string("web")}, {"cpi", 2.0}}});
  daemon.notify({Alert::failure, "", "host", "frozen"});
  ASSERT_THAT(fake.notifications, SizeIs(2));
  EXPECT_EQ(fake.notifications[0].severity, 4);
  EXPECT_EQ(fake.notifications[1].severity, 1);
  EXPECT_EQ(fake.notifications[0].message.size(), 255u);
  EXPECT_EQ(std::get<std::string>(fake.notifications[0].meta.at("service")),
            "web");
  EXPECT_EQ(fake.live_meta, 0);
}

}  // namespace
}  // namespace cpi
