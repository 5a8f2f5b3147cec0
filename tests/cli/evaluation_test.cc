#include "cli/evaluation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "cli/recording.h"
#include "support/random.h"
#include "support/samples.h"

namespace cpi {
namespace {

using std::chrono::seconds;

constexpr Duration kWindow = seconds(2);

Config quick() {
  Config config;
  config.model.min_samples = 0;
  config.model.warm_up = {};
  config.model.startup_grace = {};
  config.model.noise_floor = 0;
  return config;
}

std::map<std::string, LabelSummary> evaluated(
    const std::vector<Run>& runs, const std::vector<std::string>& baselines) {
  std::vector<Run> halves;
  const auto evaluation =
      evaluate(quick(), runs, rotations_of(runs, baselines, halves), baselines,
               [](double) {});
  std::map<std::string, LabelSummary> summaries;
  for (auto& summary : summarise(evaluation)) {
    summaries[summary.label] = summary;
  }
  return summaries;
}

class EvaluationTest : public testing::Test {
 protected:
  // A run of three minutes at a CPI this many times the normal one.
  void add(const std::string& label, double factor,
           const std::string& service = "web") {
    cpi::Run run{service, label, {}};
    now_ += seconds(60);
    const double load = random_.uniform(0.1, 0.2);
    for (int i = 0; i < 90; ++i) {
      now_ += kWindow;
      const double usage = load + 0.005 * random_.normal();
      const double cpi = factor * (1.5 - usage) * (1 + 0.05 * random_.normal());
      run.samples.push_back(sample_at(now_, kWindow, usage, cpi));
    }
    runs_.push_back(std::move(run));
  }

  Random random_{11};
  Instant now_{seconds(1000)};
  std::vector<cpi::Run> runs_;
};

TEST_F(EvaluationTest, EachBaselineLabelIsHeldOutOnce) {
  for (const char* label : {"0", "1", "2"}) {
    for (int i = 0; i < 3; ++i) add(label, 1);
  }
  std::vector<cpi::Run> halves;
  const auto rotations = rotations_of(runs_, {"0", "1", "2"}, halves);
  ASSERT_EQ(rotations.size(), 3u);
  for (const auto& rotation : rotations) {
    EXPECT_EQ(rotation.held_out.size(), 3u);
    EXPECT_EQ(rotation.train.size(), 6u);
    for (const cpi::Run* run : rotation.held_out) {
      EXPECT_EQ(run->label, rotation.name);
    }
  }
}

TEST_F(EvaluationTest, OneBaselineLabelIsHeldOutByThirds) {
  for (int i = 0; i < 6; ++i) add("0", 1);
  std::vector<cpi::Run> halves;
  const auto rotations = rotations_of(runs_, {"0"}, halves);
  ASSERT_EQ(rotations.size(), 3u);
  EXPECT_EQ(rotations[0].held_out.size(), 2u);
  EXPECT_EQ(rotations[0].train.size(), 4u);
}

TEST_F(EvaluationTest, ASingleRunIsJudgedByItsFirstHalf) {
  add("0", 1);
  std::vector<cpi::Run> halves;
  const auto rotations = rotations_of(runs_, {"0"}, halves);
  ASSERT_EQ(rotations.size(), 1u);
  EXPECT_EQ(rotations[0].held_out[0]->samples.size(), 45u);
}

TEST_F(EvaluationTest, InterferenceIsFoundAndPeaceIsKept) {
  for (const char* label : {"0", "1", "2"}) {
    for (int i = 0; i < 8; ++i) add(label, 1);
  }
  for (int i = 0; i < 8; ++i) add("strong", 1.3);
  for (int i = 0; i < 8; ++i) add("mild", 1.06);
  auto summaries = evaluated(runs_, {"0", "1", "2"});
  EXPECT_EQ(summaries["held-out baselines"].trials, 24);
  EXPECT_EQ(summaries["held-out baselines"].found[0], 0);
  EXPECT_EQ(summaries["strong"].trials, 24);
  EXPECT_EQ(summaries["strong"].found[0], 24);
  EXPECT_LE(*summaries["strong"].median_after[0], 5);
  EXPECT_GE(summaries["mild"].found[0], 22);
  EXPECT_GT(summaries["strong"].beyond, 0.8);
}

TEST_F(EvaluationTest, AServiceWithoutBaselineIsNotJudged) {
  for (int i = 0; i < 6; ++i) add("0", 1, "web");
  add("strong", 1.3, "stranger");
  std::vector<cpi::Run> halves;
  const auto evaluation = evaluate(
      quick(), runs_, rotations_of(runs_, {"0"}, halves), {"0"}, [](double) {});
  EXPECT_EQ(evaluation.without_training, 3);
}

// The figures that the defaults have to hold on a recording of real hardware
// counters. It is not part of this project: CPI_TRACES says where it is.
TEST(RecordedNginxTest, TheDefaultsHoldTheirFigures) {
  const char* traces = std::getenv("CPI_TRACES");
  if (traces == nullptr) {
    GTEST_SKIP() << "CPI_TRACES names no folder with recordings";
  }
  const std::string path = std::string(traces) + "/nginx_interference.csv";
  const auto recording =
      read_recording(path, {"cpu_scale_ok=1"}, 0, SamplerConfig{});
  ASSERT_TRUE(recording) << recording.error().message();
  const auto runs = runs_of(*recording, "scenario");
  ASSERT_TRUE(runs);
  auto summaries =
      evaluated(*runs, find_baselines(*recording, "scenario").labels);
  const auto share = [&](const std::string& label) {
    const LabelSummary& summary = summaries.at(label);
    return static_cast<double>(summary.found[0]) / summary.trials;
  };
  EXPECT_EQ(summaries.at("held-out baselines").trials, 40);
  EXPECT_LE(share("held-out baselines"), 0.02);
  EXPECT_GE(share("31"), 0.9);
  for (const char* label : {"21", "22", "23", "32", "33", "34"}) {
    EXPECT_GE(share(label), 0.98) << label;
    EXPECT_LE(summaries.at(label).median_after[0], 5) << label;
  }
  for (const auto& [label, summary] : summaries) {
    EXPECT_EQ(summary.silent, 0) << label;
  }
}

}  // namespace
}  // namespace cpi
