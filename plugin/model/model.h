// What is normal for one signal of one service, at every CPU usage.
//
// All it keeps are sums: moments per narrow range of usage, in two halves. From
// them it derives a line over usage, its validation, and how far the buckets
// scatter about it; so merging models is adding moments, in any order, and
// nothing ages but by being overwritten at its own usage.
//
// Pure and deterministic. Not thread-safe.
#ifndef CPI_MODEL_MODEL_H_
#define CPI_MODEL_MODEL_H_

#include "base/config/model.h"
#include "base/units.h"
#include "model/buckets.h"
#include "model/fit.h"
#include "model/score.h"

namespace cpi {

// What to expect of the next sample at some usage; see Score for the fields.
struct Expectation {
  double mean = 0;
  double standard_deviation = 1;
  Basis basis = Basis::none;
  bool abnormal_distribution = false;
  bool unvisited = true;
};

// The smallest standard deviation that is believed.
struct Resolution {
  double relative = 0;  // × the expected value
  double absolute = 0;  // in the signal's unit
};

class Model {
 public:
  Model(const ModelConfig& config, Resolution resolution)
      : config_(config),
        resolution_(resolution),
        buckets_(config.bucket_width) {}

  // Where the line is validated, a bucket's mean is drawn towards it as far as
  // the buckets' scatter about it is explained by chance (empirical Bayes with
  // the DerSimonian-Laird estimate of the scatter, 1986): buckets with few
  // samples follow the line, buckets with many speak for themselves.
  [[nodiscard]] Expectation expect(double usage) const;

  // The same for samples under the noise floor, all usages together.
  [[nodiscard]] Expectation expect_noise() const;

  // Learns one sample as it is; clipping is the learner's business. `time`
  // decides the half it falls into: whole minutes go together, because
  // neighbouring samples resemble each other and cannot validate each other.
  // Values that are not finite are ignored.
  void learn(double usage, double value, double weight, Instant time);
  void learn_noise(double value);

  // The product of the deviations of two neighbouring windows, both without an
  // incident. persistence() is the root of their mean, see Score.
  void learn_persistence(double product);
  [[nodiscard]] double persistence() const;

  // As if this model had learned the other's samples too. REQUIRES: equal
  // bucket widths.
  void merge(const Model& other);
  // Takes over these buckets in place of its own: there the service changed.
  void replace(const Buckets& buckets);
  // Keeps what it knows, moved by `offset`, as a prior that `limit` samples in
  // a bucket outweigh.
  void fade_to(double limit, double offset);

  [[nodiscard]] double weight() const { return fit_.weight; }
  [[nodiscard]] const Fit& fit() const { return fit_; }
  [[nodiscard]] const Buckets& buckets() const { return buckets_; }
  [[nodiscard]] const Moments& noise() const { return noise_; }
  [[nodiscard]] const Moments& persistence_moments() const {
    return persistence_;
  }
  // For those who restore a model from a file. REQUIRES: valid moments, and
  // buckets of this model's width.
  void restore(Buckets buckets, const Moments& noise,
               const Moments& persistence);
  // Derives everything anew; learning does so after every few samples.
  void refit();

 private:
  [[nodiscard]] double floor_of(double mean) const;

  ModelConfig config_;
  Resolution resolution_;
  Buckets buckets_;
  Moments noise_;
  Moments persistence_;  // of products of neighbouring deviations
  Fit fit_;
  double unfitted_ = 0;  // weight learned since the last fit
};

}  // namespace cpi

#endif  // CPI_MODEL_MODEL_H_
