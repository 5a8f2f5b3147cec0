// The line, its validation and the scatter about it, from buckets.
#ifndef CPI_MODEL_FIT_H_
#define CPI_MODEL_FIT_H_

#include "model/buckets.h"
#include "model/regression.h"

#include <optional>

namespace cpi {

// Derived from the buckets; never stored.
struct Fit {
  // Samples in all buckets.
  double weight = 0;
  // Of the values within a bucket, pooled over all of them.
  double variance = 0;
  // Where it predicts better than the buckets do.
  std::optional<Line> line;
  // The line counts as so many samples of each bucket: variance within buckets
  // ÷ variance of bucket means about the line that chance does not explain.
  // 0 without a line.
  double shrinkage = 0;
  // Centres of the outermost buckets the line was fitted to.
  double low = 0;
  double high = 0;
  // Validation: Σ of squared errors with which one half of the samples predicts
  // the other, by its line and by its bucket means.
  double line_error = 0;
  double buckets_error = 0;
};

// `floor`: buckets whose centre lies below are none of the line's business.
// Cost: linear in the number of buckets.
Fit fit_of(const Buckets& buckets, double floor);

}  // namespace cpi

#endif  // CPI_MODEL_FIT_H_
