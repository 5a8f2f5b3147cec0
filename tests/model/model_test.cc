#include "model/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/random.h"

namespace cpi {
namespace {

using std::chrono::seconds;

constexpr Duration kWindow = seconds(10);
constexpr Resolution kResolution{0.005, 0};

struct Point {
  double usage, value;
  Instant time;
};

// A service whose CPI falls with its load, with noise of 0.05.
std::vector<Point> service(int count, std::uint64_t seed, double low = 0.1,
                           double high = 0.2) {
  Random random(seed);
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    const double usage = random.uniform(low, high);
    points.push_back(
        {usage, 1.5 - usage + 0.05 * random.normal(), Instant(i * kWindow)});
  }
  return points;
}

void learn(Model& model, const std::vector<Point>& points, double scale = 1) {
  for (const auto& [usage, value, time] : points) {
    model.learn(usage, scale * value, 1, time);
  }
  model.refit();
}

Model model_of(const std::vector<Point>& points, double scale = 1) {
  Model model(ModelConfig{}, kResolution);
  learn(model, points, scale);
  return model;
}

TEST(ModelTest, AnEmptyModelExpectsNothing) {
  const Model model(ModelConfig{}, kResolution);
  EXPECT_EQ(model.expect(0.1).basis, Basis::none);
}

TEST(ModelTest, ExpectsWhatTheServiceDoesAtThisUsage) {
  const Model model = model_of(service(5000, 1));
  for (const double usage : {0.11, 0.15, 0.19}) {
    const Expectation expected = model.expect(usage);
    EXPECT_NEAR(expected.mean, 1.5 - usage, 0.01);
    EXPECT_NEAR(expected.standard_deviation, 0.05, 0.005);
    EXPECT_FALSE(expected.abnormal_distribution);
    EXPECT_FALSE(expected.unvisited);
  }
}

TEST(ModelTest, ThinBucketsFollowTheLineThickOnesSpeakForThemselves) {
  EXPECT_EQ(model_of(service(800, 2)).expect(0.15).basis, Basis::line);
  // A kink the line cannot follow, with many samples.
  auto points = service(8000, 3);
  for (auto& [usage, value, time] : points) {
    if (usage > 0.145 && usage < 0.155) value += 0.1;
  }
  const Expectation expected = model_of(points).expect(0.15);
  EXPECT_EQ(expected.basis, Basis::buckets);
  EXPECT_NEAR(expected.mean, 1.45, 0.02);
}

TEST(ModelTest, FarFromAllExperienceIsAnAbnormalDistribution) {
  const ModelConfig config;
  const Model model = model_of(service(2000, 4));
  EXPECT_FALSE(model.expect(0.2 + 0.9 * config.max_gap).abnormal_distribution);
  EXPECT_TRUE(model.expect(0.2 + 1.1 * config.max_gap).abnormal_distribution);
}

TEST(ModelTest, UnseenUsageAlwaysGetsAnExpectation) {
  const Model model = model_of(service(2000, 5));
  for (const double usage : {0.0, 0.3, 0.7, 1.0}) {
    EXPECT_NE(model.expect(usage).basis, Basis::none);
    EXPECT_TRUE(model.expect(usage).unvisited);
  }
}

TEST(ModelTest, ALineIsNotFollowedFarBeyondExperience) {
  const ModelConfig config;
  const Model model = model_of(service(2000, 6));
  EXPECT_NEAR(model.expect(0.9).mean, 1.5 - 0.2 - config.max_gap, 0.02);
}

TEST(ModelTest, WithoutAValidatedLineTheNearestBucketSpeaks) {
  Model model(ModelConfig{}, kResolution);
  for (int i = 0; i < 50; ++i) {
    model.learn(0.1, 1 + 0.01 * (i % 3), 1, Instant(i * kWindow));
  }
  model.refit();
  const Expectation expected = model.expect(0.5);
  EXPECT_EQ(expected.basis, Basis::nearest);
  EXPECT_NEAR(expected.mean, 1.01, 0.01);
}

TEST(ModelTest, FewerSamplesMeanLessCertainty) {
  const auto points = service(400, 7, 0.1, 0.1009);
  const Model few = model_of({points.begin(), points.begin() + 8});
  const Model many = model_of(points);
  EXPECT_GT(few.expect(0.1005).standard_deviation,
            many.expect(0.1005).standard_deviation);
}

TEST(ModelTest, AStandardDeviationIsNeverSmallerThanTheResolution) {
  Model model(ModelConfig{}, kResolution);
  for (int i = 0; i < 100; ++i) model.learn(0.1, 2, 1, Instant(i * kWindow));
  model.refit();
  EXPECT_DOUBLE_EQ(model.expect(0.1).standard_deviation, 0.01);
}

TEST(ModelTest, MergedModelsAreTheModelOfAllSamplesInAnyOrder) {
  const auto points = service(4000, 8);
  const Model all = model_of(points);
  std::vector<Model> parts;
  for (int i = 0; i < 4; ++i) {
    const int begin = i * i * 250;
    const int end = (i + 1) * (i + 1) * 250;
    parts.push_back(model_of({points.begin() + begin, points.begin() + end}));
  }
  std::vector<int> order = {0, 1, 2, 3};
  do {
    Model merged(ModelConfig{}, kResolution);
    for (const int part : order) merged.merge(parts[part]);
    for (double usage = 0.05; usage < 0.3; usage += 0.0007) {
      const Expectation a = merged.expect(usage);
      const Expectation b = all.expect(usage);
      ASSERT_EQ(a.basis, b.basis);
      ASSERT_NEAR(a.mean, b.mean, 1e-9);
      ASSERT_NEAR(a.standard_deviation, b.standard_deviation, 1e-9);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ModelTest, DeviationsDoNotDependOnTheUnitOfTheValue) {
  const auto points = service(1500, 9);
  const Model plain = model_of(points);
  for (const double scale : {1e-6, 1e-3, 1e3, 1e6}) {
    const Model scaled = model_of(points, scale);
    for (const double usage : {0.05, 0.12, 0.1507, 0.4}) {
      const Expectation a = plain.expect(usage);
      const Expectation b = scaled.expect(usage);
      EXPECT_NEAR(b.mean, scale * a.mean, 1e-9 * scale);
      EXPECT_NEAR(b.standard_deviation, scale * a.standard_deviation,
                  1e-9 * scale);
    }
  }
}

TEST(ModelTest, ALoadMetOnceAWeekIsNotForgottenByTuesday) {
  Model model(ModelConfig{}, kResolution);
  learn(model, service(300, 10, 0.6, 0.601));
  const double then = model.expect(0.6005).mean;
  learn(model, service(60'000, 11, 0.1, 0.2));
  EXPECT_NEAR(model.expect(0.6005).mean, then, 0.01);
}

TEST(ModelTest, ReplacedBucketsAreBelievedAtOnce) {
  Model model = model_of(service(4000, 12));
  Model changed(ModelConfig{}, kResolution);
  Random random(13);
  for (int i = 0; i < 180; ++i) {
    changed.learn(random.uniform(0.39, 0.41), 2 + 0.05 * random.normal(), 1,
                  Instant(i * kWindow));
  }
  model.replace(changed.buckets());
  EXPECT_NEAR(model.expect(0.4).mean, 2, 0.1);
  EXPECT_NEAR(model.expect(0.15).mean, 1.35, 0.03);
}

TEST(ModelTest, NoFiniteInputMakesANaN) {
  const double huge = std::numeric_limits<double>::max();
  const std::vector<double> inputs = {0,    -0.0,  1e-300, -1,  1,
                                      1e12, 1e300, -huge,  huge};
  Model model(ModelConfig{}, kResolution);
  int step = 0;
  for (int round = 0; round < 20; ++round) {
    for (const double usage : inputs) {
      for (const double value : inputs) {
        model.learn(usage, value, 1, Instant(++step * kWindow));
        model.learn_noise(value);
        model.learn_persistence(value);
      }
    }
  }
  for (const double usage : inputs) {
    const Expectation expected = model.expect(usage);
    EXPECT_TRUE(std::isfinite(expected.mean));
    EXPECT_TRUE(std::isfinite(expected.standard_deviation));
    EXPECT_GT(expected.standard_deviation, 0);
  }
  EXPECT_TRUE(std::isfinite(model.persistence()));
  EXPECT_TRUE(std::isfinite(model.expect_noise().mean));
}

TEST(ModelTest, WhatIsNotANumberIsNotLearned) {
  Model model(ModelConfig{}, kResolution);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  model.learn(0.1, nan, 1, {});
  model.learn(nan, 1, 1, {});
  model.learn_noise(nan);
  EXPECT_TRUE(model.buckets().empty());
  EXPECT_DOUBLE_EQ(model.noise().weight, 0);
}

TEST(ModelTest, IndependentDeviationsDoNotPersistCommonOnesDo) {
  Random random(14);
  Model independent(ModelConfig{}, kResolution);
  Model common(ModelConfig{}, kResolution);
  for (int run = 0; run < 200; ++run) {
    const double offset = 0.3 * random.normal();
    for (int i = 0; i < 20; ++i) {
      independent.learn_persistence(random.normal() * random.normal());
      common.learn_persistence((offset + random.normal()) *
                               (offset + random.normal()));
    }
  }
  EXPECT_LT(independent.persistence(), 0.2);
  EXPECT_NEAR(common.persistence(), 0.3, 0.1);
}

TEST(ModelTest, AnInfantPersistenceIsDoubted) {
  Model model(ModelConfig{}, kResolution);
  for (int i = 0; i < 3; ++i) model.learn_persistence(1);
  EXPECT_LT(model.persistence(), 0.35);
}

}  // namespace
}  // namespace cpi
