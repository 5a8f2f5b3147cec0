#include "collectd/plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syslog.h>

#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "collectd/recording_dispatcher.h"
#include "store/config_json.h"
#include "support/config_tree.h"
#include "support/fake_collectd.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// A collector that reads one service, until it is told to fail.
class FakeCollector final : public Collector {
 public:
  Result<const Readings*> collect(Instant now) override {
    if (failing) return fail(EIO, "read everything", "pray");
    readings_.host = {now, 4, {}};
    Reading reading;
    reading.cgroup = {1, 2, "/web"};
    reading.time = now;
    reading.cpu_time = now.time_since_epoch() / 2;
    readings_.services = {{"web", reading}};
    return &readings_;
  }

  void pause() override {
    {
      const std::lock_guard lock(mutex);
      ++pauses;
    }
    paused.notify_one();
    if (pause_throws) throw std::runtime_error("boom");
  }

  bool wait_for_pause() {
    std::unique_lock lock(mutex);
    return paused.wait_for(lock, seconds(20), [this] { return pauses > 0; });
  }

  bool failing = false;
  bool pause_throws = false;
  std::mutex mutex;
  std::condition_variable paused;
  int pauses = 0;

 private:
  Readings readings_;
};

class PluginTest : public testing::Test {
 protected:
  PluginTest() { FakeCollectd::get().reset(); }

  void configure(std::vector<TreeItem> items) {
    const ConfigTree tree({"Plugin", {"cpi"}, std::move(items)});
    plugin_.configure(tree.root());
  }

  bool start(Duration interval = seconds(10)) {
    return plugin_.start(directory_.path(), interval);
  }

  Result<Source> make_source(const Config& config) {
    if (source_fails_) return fail(ENOENT, "find cgroups", "mount them");
    given_ = config;
    auto collector = std::make_unique<FakeCollector>();
    collector_ = collector.get();
    return Source{std::move(collector), [] { return std::size_t{7}; }};
  }

  Instant now_{seconds(1000)};
  bool source_fails_ = false;
  Config given_;  // what the source was made for
  FakeCollector* collector_ = nullptr;
  RecordingDispatcher dispatcher_;
  std::vector<std::string> errors_;
  std::vector<std::string> others_;  // infos and warnings
  TemporaryDirectory directory_;
  Plugin plugin_{
      dispatcher_,
      [this](Severity severity, const std::string& text) {
        (severity == Severity::error ? errors_ : others_).push_back(text);
      },
      [this](const Config& config, const LogSink&) {
        return make_source(config);
      }};
};

const TreeItem kWeb{"Service", {"web"}, {{"Cgroup", {"/web"}}}};
const TreeItem kBadBlock{"Service", {"bad"}, {{"Cgroup", {"web"}}}};

TEST_F(PluginTest, PublishesFromTheSecondReadOn) {
  configure({kWeb});
  ASSERT_TRUE(start());
  EXPECT_TRUE(plugin_.read(now_));
  EXPECT_THAT(dispatcher_.published,
              ElementsAre("host/gauge-config_errors", "host/gauge-read_seconds",
                          "host/gauge-file_descriptors"));
  EXPECT_TRUE(plugin_.read(now_ + seconds(10)));
  EXPECT_THAT(dispatcher_.published, Contains("service_web/percent-cpu_usage"));
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_THAT(dispatcher_.notifications, IsEmpty());
  plugin_.stop();
}

TEST_F(PluginTest, RunsWithoutAnyConfiguration) {
  ASSERT_TRUE(start());
  EXPECT_TRUE(plugin_.read(now_));
}

TEST_F(PluginTest, WritesDownWhatItUnderstood) {
  configure({kWeb, {"CyclesEvent", {"ref-cycles"}}});
  ASSERT_TRUE(start());
  const auto saved = load_config(directory_ / "cpi/config.json");
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->state_dir, directory_ / "cpi");
  EXPECT_EQ(*saved, given_);
}

TEST_F(PluginTest, StateDirIsWhereTheConfigurationSays) {
  configure({{"StateDir", {directory_ / "elsewhere"}}});
  ASSERT_TRUE(start());
  EXPECT_TRUE(load_config(directory_ / "elsewhere/config.json"));
}

TEST_F(PluginTest, AnUnwritableStateDirIsSaidAndDoesNotStopIt) {
  configure({{"StateDir", {"/proc/cpi"}}});
  ASSERT_TRUE(start());
  EXPECT_THAT(others_, ElementsAre(HasSubstr("StateDir")));
}

TEST_F(PluginTest, ABadBlockIsOneErrorOneNotificationAndACount) {
  configure({kBadBlock, kWeb});
  EXPECT_THAT(errors_, ElementsAre(StartsWith("<Service \"bad\"> skipped: ")));
  ASSERT_TRUE(start());
  EXPECT_THAT(dispatcher_.notifications, IsEmpty());
  plugin_.read(now_);
  plugin_.read(now_ + seconds(10));
  EXPECT_EQ(errors_.size(), 1u);
  ASSERT_EQ(dispatcher_.notifications.size(), 1u);
  const Notification& told = dispatcher_.notifications.front();
  EXPECT_EQ(told.alert, Alert::warning);
  EXPECT_EQ(told.message, errors_.front());
  EXPECT_THAT(told.metadata,
              Contains(testing::Pair("CurrentValue",
                                     std::variant<std::string, double>(1.0))));
  EXPECT_EQ(given_.services.size(), 1u);
}

TEST_F(PluginTest, ABadGlobalOptionIdlesItWhollyAndLoudly) {
  configure({{"MinRunningRatio", {2}}, kWeb});
  EXPECT_THAT(errors_,
              ElementsAre("MinRunningRatio 2: expected a number from 0 to 1; "
                          "idle until this is corrected"));
  EXPECT_FALSE(start());
  EXPECT_EQ(errors_.size(), 1u);
  EXPECT_EQ(collector_, nullptr);
  ASSERT_EQ(dispatcher_.notifications.size(), 1u);
  EXPECT_EQ(dispatcher_.notifications.front().alert, Alert::failure);
  plugin_.stop();
}

TEST_F(PluginTest, BlocksOfSeveralFilesMergeAndEachErrorIsSaidOnce) {
  configure({kBadBlock});
  configure({kWeb});
  configure({kWeb});  // a second block of that name
  EXPECT_EQ(errors_.size(), 2u);
  ASSERT_TRUE(start());
  EXPECT_EQ(given_.services.size(), 1u);
}

TEST_F(PluginTest, ALeaseTooShortToBeRenewedIsLengthened) {
  configure({{"Lease", {20}}});
  ASSERT_TRUE(start(seconds(10)));
  EXPECT_EQ(given_.policy.throttle.lease, seconds(30));
  EXPECT_THAT(others_,
              Contains("Lease 20: too short to be renewed at an Interval of "
                       "10 seconds; 30 is used"));
}

TEST_F(PluginTest, CountTimeMustBeShorterThanTheInterval) {
  configure({{"CountTime", {10}}});
  EXPECT_FALSE(start(seconds(10)));
  EXPECT_THAT(errors_,
              ElementsAre("CountTime 10: expected less than the Interval of 10 "
                          "seconds; idle until this is corrected"));
}

TEST_F(PluginTest, AHostThatCannotBeReadIdlesItWithTheRemedy) {
  source_fails_ = true;
  EXPECT_FALSE(start());
  EXPECT_THAT(errors_, ElementsAre("find cgroups: No such file or directory; "
                                   "mount them"));
  EXPECT_EQ(dispatcher_.notifications.size(), 1u);
}

TEST_F(PluginTest, AFailureOfAllReadsIsSaidOnceAndSoIsItsEnd) {
  ASSERT_TRUE(start());
  collector_->failing = true;
  EXPECT_FALSE(plugin_.read(now_));
  EXPECT_FALSE(plugin_.read(now_ + seconds(10)));
  EXPECT_THAT(errors_, ElementsAre(StartsWith("read everything: ")));
  collector_->failing = false;
  EXPECT_TRUE(plugin_.read(now_ + seconds(20)));
  EXPECT_THAT(others_, ElementsAre("reading the kernel works again"));
}

TEST_F(PluginTest, WithoutCountTimeThereIsNoThread) {
  ASSERT_TRUE(start());
  plugin_.read(now_);
  EXPECT_EQ(FakeCollectd::get().threads_started, 0);
}

TEST_F(PluginTest, CountTimePausesAfterARead) {
  configure({{"CountTime", {0.001}}});
  ASSERT_TRUE(start());
  EXPECT_EQ(FakeCollectd::get().threads_started, 1);
  EXPECT_EQ(collector_->pauses, 0);
  plugin_.read(now_);
  EXPECT_TRUE(collector_->wait_for_pause());
  plugin_.stop();
}

TEST_F(PluginTest, APauseThatThrowsIsSaidAndIsNotTheEnd) {
  configure({{"CountTime", {0.001}}});
  ASSERT_TRUE(start());
  collector_->pause_throws = true;
  plugin_.read(now_);
  EXPECT_TRUE(collector_->wait_for_pause());
  plugin_.stop();
  EXPECT_THAT(FakeCollectd::get().logged(LOG_ERR),
              ElementsAre("cpi plugin: pause: boom"));
}

TEST_F(PluginTest, StoppingDoesNotWaitForAPauseThatIsDue) {
  configure({{"CountTime", {3600}}});
  ASSERT_TRUE(start(seconds(7200)));
  plugin_.read(now_);
  plugin_.stop();  // the test's own time limit is the proof
}

TEST_F(PluginTest, AThreadThatCannotStartIsAnErrorAndCountingGoesOn) {
  FakeCollectd::get().thread_error = EAGAIN;
  configure({{"CountTime", {3}}});
  ASSERT_TRUE(start());
  EXPECT_THAT(errors_,
              ElementsAre(StartsWith("start the thread for CountTime")));
  EXPECT_TRUE(plugin_.read(now_));
}

}  // namespace
}  // namespace cpi
