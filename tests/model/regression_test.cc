#include "model/regression.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace cpi {
namespace {

Moments one(double value) { return {1, value, 0}; }

TEST(LineSumsTest, FindTheLineThroughExactPoints) {
  LineSums sums;
  for (const double x : {0.1, 0.2, 0.4}) sums.add(x, one(3 - 2 * x));
  EXPECT_NEAR(sums.fit().slope, -2, 1e-12);
  EXPECT_NEAR(sums.fit().intercept, 3, 1e-12);
  EXPECT_NEAR(sums.squared_error(sums.fit()), 0, 1e-12);
}

TEST(LineSumsTest, WithoutSpreadOfUsageTheLineIsLevel) {
  LineSums sums;
  sums.add(0.1, one(1));
  sums.add(0.1, one(3));
  EXPECT_DOUBLE_EQ(sums.fit().slope, 0);
  EXPECT_DOUBLE_EQ(sums.fit().intercept, 2);
}

TEST(LineSumsTest, GroupedSamplesCountLikeSingleOnes) {
  LineSums single;
  LineSums grouped;
  for (const double x : {0.1, 0.2}) {
    Moments group;
    for (const double y : {1.0, 1.5, 3.5}) {
      single.add(x, one(y * x));
      group.add(y * x, 1, 1e9);
    }
    grouped.add(x, group);
  }
  EXPECT_NEAR(single.fit().slope, grouped.fit().slope, 1e-12);
  EXPECT_NEAR(single.yy, grouped.yy, 1e-12);
}

TEST(LineSumsTest, JudgeALineFittedElsewhereAsTheSamplesWould) {
  Random random(4);
  LineSums sums;
  const Line line{1, 0.5};
  double error = 0;
  for (int i = 0; i < 200; ++i) {
    const double x = random.uniform();
    const double y = 2 + x + random.normal();
    sums.add(x, one(y));
    error += (y - line.at(x)) * (y - line.at(x));
  }
  EXPECT_NEAR(sums.squared_error(line), error, 1e-9);
}

TEST(LineSumsTest, NothingCancelsFarFromTheOrigin) {
  LineSums sums;
  for (int i = 0; i < 100; ++i) {
    sums.add(1000 + 1e-6 * i, one(1e6 + 1e-3 * i));
  }
  EXPECT_NEAR(sums.fit().slope, 1e3, 1e-3);
}

}  // namespace
}  // namespace cpi
