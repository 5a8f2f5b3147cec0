// Samples clustered by the CPU usage at which they were seen.
#ifndef CPI_MODEL_BUCKETS_H_
#define CPI_MODEL_BUCKETS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "model/moments.h"

namespace cpi {

// The samples of [index · width, (index + 1) · width), in two halves that
// validate each other (regression.h).
struct Bucket {
  int index = 0;
  std::array<Moments, 2> folds;

  [[nodiscard]] Moments all() const {
    Moments both = folds[0];
    both.merge(folds[1]);
    return both;
  }
};

// What buckets near a usage say together.
struct Local {
  double weight = 0;   // in samples
  double mean = 0;     // meaningless where weight is 0
  double m2 = 0;       // Σ of squares about the buckets' own means
  double freedom = 0;  // samples that m2 speaks for
};

class Buckets {
 public:
  // REQUIRES: width > 0.
  explicit Buckets(double width) : width_(width) {}

  // The bucket of this usage, made if need be.
  Bucket& at(double usage);
  // The same by index; for those who restore a model.
  Bucket& insert(int index);
  // Adds the moments of others. REQUIRES: equal widths.
  void merge(const Buckets& other);
  // Takes over the buckets of `other` in place of its own.
  void replace(const Buckets& other);
  void clear() { buckets_.clear(); }

  // The two buckets whose centres enclose `usage`, each sample weighted by the
  // closeness of its bucket: a triangular kernel, so that the answer has no
  // steps. Weight 0 where neither has a sample.
  [[nodiscard]] Local blend(double usage) const;

  // The bucket whose centre is nearest; the lower of two. REQUIRES: !empty().
  [[nodiscard]] const Bucket& nearest(double usage) const;

  [[nodiscard]] double centre(const Bucket& bucket) const {
    return (bucket.index + 0.5) * width_;
  }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] bool empty() const { return buckets_.empty(); }
  // In ascending order of usage, each with a weight above 0.
  [[nodiscard]] const std::vector<Bucket>& all() const { return buckets_; }

 private:
  // The first bucket at or above this index.
  [[nodiscard]] std::size_t lower_bound(int index) const;

  double width_;
  std::vector<Bucket> buckets_;
};

}  // namespace cpi

#endif  // CPI_MODEL_BUCKETS_H_
