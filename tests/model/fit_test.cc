#include "model/fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "support/random.h"

namespace cpi {
namespace {

constexpr double kWidth = 0.001;
constexpr double kSigma = 0.05;

// `count` samples over [low, high], the value being `mean(usage)` and noise.
Buckets sampled(const std::function<double(double)>& mean, int count,
                double low = 0.1, double high = 0.2, double sigma = kSigma) {
  Random random(5);
  Buckets buckets(kWidth);
  for (int i = 0; i < count; ++i) {
    const double usage = random.uniform(low, high);
    buckets.at(usage).folds[i % 2].add(mean(usage) + sigma * random.normal(), 1,
                                       1e9);
  }
  return buckets;
}

TEST(FitTest, NothingFitsNothing) {
  const Fit fit = fit_of(Buckets(kWidth), 0);
  EXPECT_DOUBLE_EQ(fit.weight, 0);
  EXPECT_FALSE(fit.line);
}

TEST(FitTest, ALinearServiceGetsItsLine) {
  const Fit fit = fit_of(sampled([](double u) { return 2 - 3 * u; }, 2000), 0);
  ASSERT_TRUE(fit.line);
  EXPECT_NEAR(fit.line->slope, -3, 0.2);
  EXPECT_LT(fit.line_error, fit.buckets_error);
  EXPECT_NEAR(std::sqrt(fit.variance), kSigma, 0.1 * kSigma);
}

TEST(FitTest, AServiceOfSeveralLevelsKeepsItsBuckets) {
  const auto levels = [](double u) {
    return static_cast<int>(u * 100) % 2 == 0 ? 1.0 : 1.5;
  };
  EXPECT_FALSE(fit_of(sampled(levels, 2000), 0).line);
}

TEST(FitTest, WhereTheLineExplainsAllButChanceItCountsMuch) {
  const Fit straight =
      fit_of(sampled([](double u) { return 2 - 3 * u; }, 2000), 0);
  const Fit bent = fit_of(
      sampled([](double u) { return 2 + 0.015 * std::sin(60 * u); }, 2000), 0);
  ASSERT_TRUE(bent.line);
  EXPECT_GT(straight.shrinkage, 10 * bent.shrinkage);
  EXPECT_GT(bent.shrinkage, 0);
}

TEST(FitTest, TooFewSamplesValidateNothing) {
  EXPECT_FALSE(fit_of(sampled([](double u) { return 2 - 3 * u; }, 40), 0).line);
}

TEST(FitTest, SamplesUnderTheFloorAreNoneOfTheLinesBusiness) {
  const auto bent = [](double u) { return u < 0.15 ? 5.0 : 2 - 3 * u; };
  const Fit fit = fit_of(sampled(bent, 4000), 0.15);
  ASSERT_TRUE(fit.line);
  EXPECT_NEAR(fit.line->slope, -3, 0.3);
  EXPECT_NEAR(fit.low, 0.1505, 1e-9);
}

TEST(FitTest, OneHalfWithoutSamplesValidatesNothing) {
  Buckets buckets(kWidth);
  for (int i = 0; i < 500; ++i) {
    buckets.at(0.1 + 0.0002 * i).folds[0].add(1, 1, 1e9);
  }
  EXPECT_FALSE(fit_of(buckets, 0).line);
}

TEST(FitTest, ConstantValuesFitWithoutNaN) {
  const Fit fit =
      fit_of(sampled([](double) { return 1.5; }, 500, 0.1, 0.2, 0), 0);
  EXPECT_DOUBLE_EQ(fit.variance, 0);
  ASSERT_TRUE(fit.line);
  EXPECT_TRUE(std::isfinite(fit.shrinkage));
  EXPECT_GT(fit.shrinkage, 0);
}

}  // namespace
}  // namespace cpi
