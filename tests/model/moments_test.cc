#include "model/moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/random.h"

namespace cpi {
namespace {

constexpr double kEndless = 1e300;

Moments of(const std::vector<double>& values) {
  Moments moments;
  for (const double value : values) moments.add(value, 1, kEndless);
  return moments;
}

std::vector<double> some_values(int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(1.5 + 0.1 * random.normal());
  return values;
}

TEST(MomentsTest, AreThoseOfTheValues) {
  const Moments moments = of({1, 2, 3, 6});
  EXPECT_DOUBLE_EQ(moments.weight, 4);
  EXPECT_DOUBLE_EQ(moments.mean, 3);
  EXPECT_DOUBLE_EQ(moments.m2, 14);
}

TEST(MomentsTest, AWeightOfTwoIsTheValueTwice) {
  Moments twice = of({1, 4});
  twice.add(2, 2, kEndless);
  const Moments apart = of({1, 4, 2, 2});
  EXPECT_DOUBLE_EQ(twice.mean, apart.mean);
  EXPECT_DOUBLE_EQ(twice.m2, apart.m2);
}

TEST(MomentsTest, MergedInAnyOrderAreThoseOfAllValues) {
  const auto values = some_values(3000, 1);
  const Moments all = of(values);
  std::vector<Moments> parts;
  for (int i = 0; i < 6; ++i) {
    // Parts of unequal size, one of a single value.
    const int begin = i * i * 80;
    const int end = i == 5 ? 3000 : (i + 1) * (i + 1) * 80;
    parts.push_back(of({values.begin() + begin, values.begin() + end}));
  }
  std::vector<int> order = {0, 1, 2, 3, 4, 5};
  do {
    Moments merged;
    for (const int part : order) merged.merge(parts[part]);
    ASSERT_DOUBLE_EQ(merged.weight, all.weight);
    ASSERT_NEAR(merged.mean, all.mean, 1e-12);
    ASSERT_NEAR(merged.m2, all.m2, 1e-9);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(MomentsTest, MergingNothingChangesNothing) {
  Moments moments = of({1, 2});
  moments.merge({});
  EXPECT_DOUBLE_EQ(moments.weight, 2);
  EXPECT_DOUBLE_EQ(moments.m2, 0.5);
}

TEST(MomentsTest, NeverWeighMoreThanTheirMemory) {
  Moments moments;
  for (const double value : some_values(1000, 2)) moments.add(value, 1, 50);
  EXPECT_DOUBLE_EQ(moments.weight, 50);
}

TEST(MomentsTest, FollowAChangeWithinAFewMemories) {
  Moments moments;
  for (int i = 0; i < 1000; ++i) moments.add(1, 1, 50);
  for (int i = 0; i < 250; ++i) moments.add(2, 1, 50);
  EXPECT_NEAR(moments.mean, 2, 0.01);
}

TEST(MomentsTest, FadingKeepsMeanAndVariance) {
  Moments moments = of(some_values(500, 3));
  const double mean = moments.mean;
  const double variance = moments.m2 / moments.weight;
  moments.fade_to(20);
  EXPECT_DOUBLE_EQ(moments.weight, 20);
  EXPECT_DOUBLE_EQ(moments.mean, mean);
  EXPECT_NEAR(moments.m2 / moments.weight, variance, 1e-12);
}

}  // namespace
}  // namespace cpi
