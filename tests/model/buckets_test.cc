#include "model/buckets.h"

#include <gtest/gtest.h>

namespace cpi {
namespace {

// One bucket per entry: `count` samples of `value` at `usage`.
void put(Buckets& buckets, double usage, double value, int count = 10) {
  for (int i = 0; i < count; ++i) {
    buckets.at(usage).folds[i % 2].add(value, 1, 1e9);
  }
}

TEST(BucketsTest, SamplesWithinOneWidthShareABucket) {
  Buckets buckets(0.001);
  put(buckets, 0.1001, 1);
  put(buckets, 0.1009, 2);
  put(buckets, 0.1011, 3);
  ASSERT_EQ(buckets.all().size(), 2u);
  EXPECT_DOUBLE_EQ(buckets.all()[0].all().mean, 1.5);
}

TEST(BucketsTest, StayInOrderHoweverTheyWereMade) {
  Buckets buckets(0.01);
  for (const double usage : {0.5, 0.1, 0.9, 0.3}) put(buckets, usage, usage);
  for (std::size_t i = 1; i < buckets.all().size(); ++i) {
    EXPECT_LT(buckets.all()[i - 1].index, buckets.all()[i].index);
  }
}

TEST(BucketsTest, AtItsCentreABucketSpeaksAlone) {
  Buckets buckets(0.01);
  put(buckets, 0.105, 1);
  put(buckets, 0.115, 3);
  EXPECT_NEAR(buckets.blend(0.105).mean, 1, 1e-9);
}

TEST(BucketsTest, BetweenTwoCentresBothAreHeard) {
  Buckets buckets(0.01);
  put(buckets, 0.105, 1);
  put(buckets, 0.115, 3);
  EXPECT_NEAR(buckets.blend(0.11).mean, 2, 1e-9);
  EXPECT_NEAR(buckets.blend(0.1075).mean, 1.5, 1e-9);
}

TEST(BucketsTest, TheBlendHasNoStepAtABucketsEdge) {
  Buckets buckets(0.01);
  put(buckets, 0.105, 1, 7);
  put(buckets, 0.115, 3, 20);
  EXPECT_NEAR(buckets.blend(0.11 - 1e-9).mean, buckets.blend(0.11 + 1e-9).mean,
              1e-5);
}

TEST(BucketsTest, WhereNeitherHasSamplesThereIsNothing) {
  Buckets buckets(0.01);
  put(buckets, 0.105, 1);
  EXPECT_DOUBLE_EQ(buckets.blend(0.2).weight, 0);
}

TEST(BucketsTest, TheNearestIsNearestByItsCentre) {
  Buckets buckets(0.01);
  put(buckets, 0.105, 1);
  put(buckets, 0.205, 2);
  EXPECT_EQ(buckets.nearest(0.15).index, 10);
  EXPECT_EQ(buckets.nearest(0.16).index, 20);
  EXPECT_EQ(buckets.nearest(0).index, 10);
  EXPECT_EQ(buckets.nearest(1).index, 20);
}

TEST(BucketsTest, MergingAddsWhatBothKnow) {
  Buckets one(0.01);
  Buckets other(0.01);
  put(one, 0.105, 1);
  put(other, 0.105, 3);
  put(other, 0.305, 5);
  one.merge(other);
  ASSERT_EQ(one.all().size(), 2u);
  EXPECT_DOUBLE_EQ(one.all()[0].all().mean, 2);
  EXPECT_DOUBLE_EQ(one.all()[1].all().weight, 10);
}

TEST(BucketsTest, ReplacingForgetsWhatTheOthersKnowBetter) {
  Buckets one(0.01);
  Buckets other(0.01);
  put(one, 0.105, 1);
  put(one, 0.205, 2);
  put(other, 0.105, 3);
  one.replace(other);
  EXPECT_DOUBLE_EQ(one.all()[0].all().mean, 3);
  EXPECT_DOUBLE_EQ(one.all()[1].all().mean, 2);
}

}  // namespace
}  // namespace cpi
