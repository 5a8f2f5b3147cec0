#include "collectd/model_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "store/atomic_file.h"
#include "store/model_json.h"
#include "support/random.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Duration kWindow = seconds(10);

// One service with half a CPU of four, whose CPI the test sets.
class FakeCollector final : public Collector {
 public:
  FakeCollector(const double& cpi, const std::string& executable)
      : cpi_(cpi), executable_(executable) {}

  Result<const Readings*> collect(Instant now) override {
    readings_.host = {now, 4, {}};
    reading_.cgroup = {1, 2, "/web"};
    reading_.executable = executable_;
    if (reading_.counts.empty()) reading_.counts.emplace_back();
    const Duration used = (now - last_) / 2;
    last_ = now;
    GroupCount& count = reading_.counts[0];
    count.cycles += static_cast<std::uint64_t>(2 * used.count());
    count.instructions += static_cast<std::uint64_t>(
        2 * static_cast<double>(used.count()) / cpi_);
    count.enabled += used;
    count.running += used;
    reading_.cpu_time = count.enabled;
    reading_.time = now;
    readings_.services = {{"web", reading_}};
    return &readings_;
  }

 private:
  const double& cpi_;
  const std::string& executable_;
  Instant last_{seconds(1000)};
  Reading reading_;
  Readings readings_;
};

class ModelKeeperTest : public testing::Test {
 protected:
  ModelKeeperTest() {
    config_.services = {{"web", {}}};
    config_.model.warm_up = {};
    config_.model.min_samples = 100;
    begin();
  }
  // The plugin starts, for the first time or again.
  void begin() {
    pipeline_ = std::make_unique<Pipeline>(
        config_, std::make_unique<FakeCollector>(cpi_, executable_));
    keeper_ = std::make_unique<ModelKeeper>(
        config_, directory_.path(), kWindow, [this] { return host_; },
        [this](Severity, const std::string& text) { log_.push_back(text); });
  }
  void end() {
    keeper_->save_and_stop(*pipeline_);
    keeper_.reset();
  }
  void run(int windows) {
    for (int i = 0; i < windows; ++i) {
      now_ += kWindow;
      cpi_ = mean_ * (1 + 0.03 * random_.normal());
      const auto tick = pipeline_->tick(now_);
      ASSERT_TRUE(tick);
      keeper_->keep(*pipeline_, *tick);
    }
  }
  double samples() {
    return pipeline_->watch("web").learner(Signal::cpi).model().weight();
  }
  std::string path() { return model_path(directory_ / "models", "web"); }
  std::string journal() {
    return read_file(directory_ / "anomalies.jsonl").value_or("");
  }

  Random random_{5};
  double mean_ = 1.5;
  double cpi_ = 1.5;
  std::string executable_;
  Instant now_{seconds(1000)};
  ModelKey host_{"Xeon 6148", 0, "on", "", {}, 0, ""};
  Config config_;
  TemporaryDirectory directory_;
  std::vector<std::string> log_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<ModelKeeper> keeper_;
};

TEST_F(ModelKeeperTest, AProgramThatChangedWhileItWasDownIsNoticed) {
  executable_ = "web 1";
  run(400);
  end();
  begin();
  run(3);
  EXPECT_THAT(log_, IsEmpty());
  end();
  executable_ = "web 2";
  begin();
  run(3);
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_THAT(log_[0], HasSubstr("web runs a new program, web 2 in /web"));
  EXPECT_EQ(pipeline_->watch("web").learner(Signal::cpi).learning(),
            Learning::warm_up);
}

TEST_F(ModelKeeperTest, WhatWasLearnedSurvivesARestart) {
  run(400);
  const double learned = samples();
  end();
  begin();
  run(2);
  EXPECT_NEAR(samples(), learned, 0.2 * learned);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(ModelKeeperTest, OnAnotherCpuItBeginsAnewAndSaysSo) {
  run(400);
  end();
  host_.cpu_model = "EPYC 7763";
  begin();
  run(2);
  EXPECT_LT(samples(), 5);
  ASSERT_FALSE(log_.empty());  // one for each generation there is
  EXPECT_THAT(log_[0], HasSubstr("EPYC 7763"));
}

TEST_F(ModelKeeperTest, ADamagedFileDoesNotKeepItFromStarting) {
  run(400);
  end();
  begin();
  run(5);
  end();  // a second generation
  ASSERT_TRUE(write_atomically(path(), "rubbish"));
  begin();
  run(2);
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[0], HasSubstr("set aside"));
  EXPECT_THAT(log_[1], HasSubstr("using"));
}

// A loop of symbolic links stands for any error that is none of the model's.
class UnreadModelTest : public ModelKeeperTest {
 protected:
  UnreadModelTest() {
    run(400);
    learned_ = samples();
    end();
    std::filesystem::rename(path(), directory_ / "kept");
    std::filesystem::create_symlink(path(), path());
    begin();
  }
  void make_readable() { std::filesystem::rename(directory_ / "kept", path()); }
  double learned_ = 0;
};

TEST_F(UnreadModelTest, IsNeitherSetAsideNorSavedOver) {
  run(130);  // two saves are due
  end();
  EXPECT_TRUE(std::filesystem::is_symlink(path()));
  EXPECT_FALSE(std::filesystem::exists(path() + ".damaged"));
  ASSERT_THAT(log_, SizeIs(1)) << "it is said once";
  EXPECT_THAT(log_[0], HasSubstr("not read"));
}

TEST_F(UnreadModelTest, IsUsedFromTheNextSaveOn) {
  run(2);
  make_readable();
  run(60);
  EXPECT_GT(samples(), 0.8 * learned_);
  EXPECT_THAT(log_.back(), HasSubstr("read again"));
}

TEST_F(UnreadModelTest, IsNotLostWhenThePluginStopsBeforeASave) {
  run(2);
  make_readable();
  end();
  begin();
  run(1);
  EXPECT_GT(samples(), 0.8 * learned_);
}

TEST_F(ModelKeeperTest, SavesNowAndThen) {
  run(100);         // ten minutes are sixty windows
  keeper_.reset();  // killed: nothing is saved at the end
  EXPECT_TRUE(read_model(path()));
}

TEST_F(ModelKeeperTest, ASeedIsUsedWhereNothingWasLearned) {
  run(400);
  end();
  ASSERT_TRUE(
      write_atomically(directory_ / "seed", *read_file(path(), 1 << 20)));
  std::filesystem::remove_all(directory_ / "models");
  config_.services[0].seed_model = directory_ / "seed";
  begin();
  run(1);
  EXPECT_EQ(pipeline_->watch("web").learner(Signal::cpi).learning(),
            Learning::ready);
}

TEST_F(ModelKeeperTest, ASeedThatDoesNotFitIsRefusedLoudly) {
  config_.services[0].seed_model = "/nonexistent";
  begin();
  run(1);
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_THAT(log_[0], HasSubstr("SeedModel of web is not used"));
}

TEST_F(ModelKeeperTest, IncidentsAndTheirAnomaliesAreWrittenDown) {
  run(400);
  mean_ = 2.5;
  run(30);
  mean_ = 1.5;
  run(60);
  end();
  EXPECT_THAT(journal(), HasSubstr("\"event\":\"anomaly\""));
  EXPECT_THAT(journal(), HasSubstr("\"event\":\"incident\""));
  EXPECT_THAT(journal(), HasSubstr("\"event\":\"recovery\""));
}

}  // namespace
}  // namespace cpi
