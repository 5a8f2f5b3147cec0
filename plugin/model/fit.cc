#include "model/fit.h"

#include <algorithm>
#include <limits>
#include <span>

namespace cpi {
namespace {

using Span = std::span<const Bucket>;

// Each half needs some samples before one can judge the other: with thirty, a
// mean is known to a fifth of a standard deviation.
constexpr double kJudgingSamples = 30;

// However well the line fits, a bucket with thousands of samples is believed;
// however badly, some of it remains where there is no bucket.
constexpr double kMaxShrinkage = 1000;
constexpr double kMinShrinkage = 0.01;

LineSums sums_of(const Buckets& buckets, Span range, int fold) {
  LineSums sums;
  for (const Bucket& bucket : range) {
    sums.add(buckets.centre(bucket), bucket.folds[fold]);
  }
  return sums;
}

LineSums sums_of(const Buckets& buckets, Span range) {
  LineSums sums;
  for (const Bucket& bucket : range) {
    sums.add(buckets.centre(bucket), bucket.all());
  }
  return sums;
}

// Σ of squared errors of one half's samples about the bucket means of the
// other, nearest where the other half never was. REQUIRES: neither is empty.
double buckets_error(Span range, int judged, int by) {
  const auto filled = [&](const Bucket& bucket) {
    return bucket.folds[by].weight > 0;
  };
  double error = 0;
  auto next = std::find_if(range.begin(), range.end(), filled);
  auto last = next;
  for (const Bucket& bucket : range) {
    while (next != range.end() && next->index < bucket.index) {
      last = next;
      next = std::find_if(next + 1, range.end(), filled);
    }
    const bool upper = next != range.end() && (last->index > bucket.index ||
                                               next->index - bucket.index <
                                                   bucket.index - last->index);
    const Moments& values = bucket.folds[judged];
    const double offset = values.mean - (upper ? next : last)->folds[by].mean;
    if (values.weight > 0) error += values.m2 + values.weight * offset * offset;
  }
  return error;
}

// Variance within buckets. Buckets of one sample say nothing about it; while
// most are, the variance about the line stands in for it.
double pooled_variance(Span all, const LineSums& sums) {
  double m2 = 0;
  double freedom = 0;
  for (const Bucket& bucket : all) {
    const Moments values = bucket.all();
    m2 += values.m2;
    freedom += std::max(0.0, values.weight - 1);
  }
  const double overall =
      sums.weight > 2 ? sums.squared_error(sums.fit()) / (sums.weight - 2) : 0;
  return (m2 + kJudgingSamples * overall) / (freedom + kJudgingSamples);
}

// DerSimonian, Laird: "Meta-analysis in clinical trials", 1986, with buckets
// for trials: how much bucket means vary about the line beyond chance.
double scatter(const Buckets& buckets, Span range, const Line& line,
               double variance) {
  double squares = 0;
  double weight = 0;
  double weight_squares = 0;
  for (const Bucket& bucket : range) {
    const Moments values = bucket.all();
    const double offset = values.mean - line.at(buckets.centre(bucket));
    squares += values.weight * offset * offset;
    weight += values.weight;
    weight_squares += values.weight * values.weight;
  }
  const double by_chance = (static_cast<double>(range.size()) - 2) * variance;
  const double divisor = weight - weight_squares / weight;
  return divisor > 0 ? std::max(0.0, (squares - by_chance) / divisor) : 0;
}

// Fills in the line if it is worth it.
void validate(const Buckets& buckets, Span range, Fit& fit) {
  const LineSums halves[2] = {sums_of(buckets, range, 0),
                              sums_of(buckets, range, 1)};
  if (std::min(halves[0].weight, halves[1].weight) < kJudgingSamples) return;
  fit.line_error = halves[0].squared_error(halves[1].fit()) +
                   halves[1].squared_error(halves[0].fit());
  fit.buckets_error = buckets_error(range, 0, 1) + buckets_error(range, 1, 0);
  if (fit.line_error > fit.buckets_error) return;
  fit.line = sums_of(buckets, range).fit();
  fit.low = buckets.centre(range.front());
  fit.high = buckets.centre(range.back());
  const double excess = scatter(buckets, range, *fit.line, fit.variance);
  fit.shrinkage = fit.variance < kMaxShrinkage * excess
                      ? std::max(fit.variance / excess, kMinShrinkage)
                      : kMaxShrinkage;
}

}  // namespace

Fit fit_of(const Buckets& buckets, double floor) {
  const Span all = buckets.all();
  Fit fit;
  if (all.empty()) return fit;
  const LineSums sums = sums_of(buckets, all);
  fit.weight = sums.weight;
  fit.variance = pooled_variance(all, sums);
  const auto first = std::find_if(
      all.begin(), all.end(),
      [&](const Bucket& bucket) { return buckets.centre(bucket) >= floor; });
  const Span range = all.subspan(first - all.begin());
  if (range.size() > 1) validate(buckets, range, fit);
  return fit;
}

}  // namespace cpi
