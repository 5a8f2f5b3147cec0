#include "cli/runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/samples.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr Duration kWindow = seconds(2);

class RunsTest : public testing::Test {
 protected:
  // `count` samples that follow each other, all with these labels.
  void add(int count, std::vector<std::string> labels,
           const std::string& service = "web") {
    for (int i = 0; i < count; ++i) {
      now_ += kWindow;
      Sample sample = sample_at(now_, kWindow, 0.1, 1.5);
      sample.workload = service;
      recording_.services[service].push_back({sample, labels});
    }
  }
  void hole() { now_ += 10 * kWindow; }
  std::vector<std::string> labels_of_runs(const std::string& column) {
    std::vector<std::string> labels;
    const auto runs = runs_of(recording_, column);
    for (const cpi::Run& run : *runs) {
      labels.push_back(run.label);
    }
    return labels;
  }

  Instant now_{seconds(100)};
  Recording recording_{{"scenario", "what", "rps"}, {}};
};

TEST_F(RunsTest, ARunEndsWhereTheLabelChanges) {
  add(30, {"0", "Baseline", "10"});
  add(30, {"7", "cache", "10"});
  EXPECT_THAT(labels_of_runs("scenario"), ElementsAre("0", "7"));
}

TEST_F(RunsTest, ARunEndsAtAHole) {
  add(30, {"0", "Baseline", "10"});
  hole();
  add(30, {"0", "Baseline", "10"});
  EXPECT_THAT(labels_of_runs("scenario"), ElementsAre("0", "0"));
}

TEST_F(RunsTest, ARunEndsWhereItsConditionsChange) {
  add(30, {"0", "Baseline", "10"});
  add(30, {"0", "Baseline", "20"});
  EXPECT_THAT(labels_of_runs("scenario"), ElementsAre("0", "0"));
}

TEST_F(RunsTest, AMeasuredColumnEndsNoRun) {
  for (int i = 0; i < 40; ++i) add(1, {"0", "Baseline", std::to_string(i)});
  EXPECT_THAT(labels_of_runs("scenario"), ElementsAre("0"));
}

TEST_F(RunsTest, EachServiceHasItsOwnRuns) {
  add(30, {"0", "Baseline", "10"}, "a");
  add(30, {"0", "Baseline", "10"}, "b");
  EXPECT_THAT(labels_of_runs("scenario"), ElementsAre("0", "0"));
}

TEST_F(RunsTest, AColumnThatIsNotThereIsAnError) {
  add(3, {"0", "Baseline", "10"});
  EXPECT_FALSE(runs_of(recording_, "nothing"));
}

TEST_F(RunsTest, BaselinesAreKnownByTheirNames) {
  add(5, {"0", "Baseline0", "10"});
  add(5, {"1", "baseline_1", "10"});
  add(5, {"2", "abnormal", "10"});
  EXPECT_THAT(find_baselines(recording_, "what").labels,
              ElementsAre("Baseline0", "baseline_1"));
}

TEST_F(RunsTest, OrByWhatAnotherColumnSays) {
  add(5, {"3", "Baseline0", "10"});
  add(5, {"0", "cache", "10"});
  EXPECT_THAT(find_baselines(recording_, "scenario").labels, ElementsAre("3"));
}

TEST_F(RunsTest, OrByMeaningNo) {
  add(5, {"1", "x", "10"});
  add(5, {"0", "y", "10"});
  EXPECT_THAT(find_baselines(recording_, "scenario").labels, ElementsAre("0"));
}

TEST_F(RunsTest, OrAsTheSmallest) {
  add(5, {"12", "x", "10"});
  add(5, {"3", "y", "10"});
  EXPECT_THAT(find_baselines(recording_, "scenario").labels, ElementsAre("3"));
}

}  // namespace
}  // namespace cpi
