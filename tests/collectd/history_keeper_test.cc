#include "collectd/history_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "collectd/samples.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class HistoryKeeperTest : public testing::Test {
 protected:
  HistoryKeeperTest() {
    config_.services = {{"web", {}}};
    samples_.services = {sample_of("web", "/web")};
    judgements_.push_back({});
    judgements_[0].sample = &samples_.services[0];
  }
  // The plugin's life, with so many ticks.
  void live(int ticks) {
    HistoryKeeper keeper(
        config_, directory_.path(), std::chrono::seconds(10),
        [this](Severity, const std::string& text) { log_.push_back(text); });
    for (int i = 0; i < ticks; ++i) {
      keeper.latency("web", 5);
      Tick tick;
      tick.now = kEnd;
      tick.judgements = &judgements_;
      keeper.keep(tick);
    }
  }
  ServiceHistory read() { return read_history(directory_ / "history", "web"); }

  TemporaryDirectory directory_;
  Config config_;
  Samples samples_;
  std::vector<Judgement> judgements_;
  std::vector<std::string> log_;
};

TEST_F(HistoryKeeperTest, EverythingIsWrittenWhenItEnds) {
  live(5);
  EXPECT_THAT(read().windows, SizeIs(5));
  EXPECT_EQ(read().windows[4].latency, 5);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(HistoryKeeperTest, ARestartAddsToWhatIsThere) {
  live(2);
  live(3);
  EXPECT_THAT(read().windows, SizeIs(5));
}

TEST_F(HistoryKeeperTest, WindowsOlderThanTheHistoryAreForgotten) {
  config_.store.history = std::chrono::seconds(40);
  live(10);
  EXPECT_THAT(read().windows, SizeIs(4));
}

TEST_F(HistoryKeeperTest, NothingIsKeptWhereThatIsTurnedOff) {
  config_.store.history = {};
  live(5);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "history"));
}

}  // namespace
}  // namespace cpi
