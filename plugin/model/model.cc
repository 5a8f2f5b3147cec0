#include "model/model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cpi {
namespace {

// Beyond these nothing real lies; within them no sum overflows.
constexpr double kMaxUsage = 1000;
constexpr double kMaxValue = 1e12;
// The standard deviation where there is neither spread nor resolution.
constexpr double kTiny = 1e-12;

// Fewer samples than this at a usage are no experience of it.
constexpr double kVisited = 5;

// Samples of one minute are validated by those of other minutes.
constexpr Duration kFoldBlock = std::chrono::minutes(1);
constexpr double kMaxUnfitted = 64;

constexpr double kPersistenceMemory = 5000;
// A covariance of fewer products than this is mostly chance, so it is drawn
// towards none.
constexpr double kDoubt = 30;

// Pseudo-random, so that no periodic load falls into one half; a function of
// the time alone, so that models learned apart merge into the same halves.
// Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014.
int fold_of(Instant time) {
  auto x = static_cast<std::uint64_t>(time.time_since_epoch() / kFoldBlock);
  x = (x + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return static_cast<int>(x >> 63);
}

}  // namespace

double Model::floor_of(double mean) const {
  return std::max(
      {resolution_.relative * std::abs(mean), resolution_.absolute, kTiny});
}

Expectation Model::expect(double usage) const {
  Expectation result;
  if (buckets_.empty()) return result;
  usage = std::clamp(usage, 0.0, kMaxUsage);
  const Bucket& nearest = buckets_.nearest(usage);
  const double gap = std::abs(buckets_.centre(nearest) - usage);
  result.abnormal_distribution = gap > config_.max_gap;

  Local local = buckets_.blend(usage);
  result.unvisited = local.weight < kVisited;
  const bool line = fit_.line && usage >= config_.regression_floor;
  if (local.weight <= 0 && !line) {
    const Moments all = nearest.all();
    local = {all.weight, all.mean, all.m2, std::max(0.0, all.weight - 1)};
    result.basis = Basis::nearest;
  } else {
    const bool follows_line = line && fit_.shrinkage > local.weight;
    result.basis = follows_line ? Basis::line : Basis::buckets;
  }
  const double prior = line ? fit_.shrinkage : 0;
  const double certainty = local.weight + prior;
  result.mean = local.mean;
  if (line) {
    const double followed = std::clamp(usage, fit_.low - config_.max_gap,
                                       fit_.high + config_.max_gap);
    const double drawn = prior / certainty;
    result.mean += drawn * (fit_.line->at(followed) - local.mean);
  }
  const double variance = (local.m2 + config_.pooling * fit_.variance) /
                          (local.freedom + config_.pooling);
  result.standard_deviation = std::max(
      std::sqrt(variance * (1 + 1 / certainty)), floor_of(result.mean));
  return result;
}

Expectation Model::expect_noise() const {
  Expectation result;
  if (noise_.weight <= 1) return result;
  result.basis = Basis::buckets;
  result.mean = noise_.mean;
  result.standard_deviation = std::max(
      std::sqrt(noise_.m2 / (noise_.weight - 1)), floor_of(noise_.mean));
  result.unvisited = false;
  return result;
}

void Model::learn(double usage, double value, double weight, Instant time) {
  if (!std::isfinite(usage) || !std::isfinite(value)) return;
  usage = std::clamp(usage, 0.0, kMaxUsage);
  value = std::clamp(value, -kMaxValue, kMaxValue);
  // Each half remembers half of it.
  buckets_.at(usage).folds[fold_of(time)].add(value, weight,
                                              config_.memory / 2);
  unfitted_ += weight;
  if (unfitted_ >= std::min(kMaxUnfitted, fit_.weight / 16)) refit();
}

void Model::learn_noise(double value) {
  if (!std::isfinite(value)) return;
  noise_.add(std::clamp(value, -kMaxValue, kMaxValue), 1, config_.memory);
}

void Model::learn_persistence(double product) {
  if (!std::isfinite(product)) return;
  persistence_.add(std::clamp(product, -kMaxValue, kMaxValue), 1,
                   kPersistenceMemory);
}

double Model::persistence() const {
  const double certain = persistence_.weight / (persistence_.weight + kDoubt);
  return std::sqrt(std::clamp(persistence_.mean * certain, 0.0, 1.0));
}

void Model::merge(const Model& other) {
  buckets_.merge(other.buckets_);
  noise_.merge(other.noise_);
  persistence_.merge(other.persistence_);
  refit();
}

void Model::replace(const Buckets& buckets) {
  buckets_.replace(buckets);
  refit();
}

void Model::fade_to(double limit, double offset) {
  Buckets faded(buckets_.width());
  for (Bucket bucket : buckets_.all()) {
    for (Moments& fold : bucket.folds) {
      fold.fade_to(limit / 2);
      if (fold.weight > 0) fold.mean += offset;
    }
    faded.insert(bucket.index) = bucket;
  }
  restore(std::move(faded), noise_, persistence_);
}

void Model::restore(Buckets buckets, const Moments& noise,
                    const Moments& persistence) {
  buckets_ = std::move(buckets);
  noise_ = noise;
  persistence_ = persistence;
  refit();
}

void Model::refit() {
  fit_ = fit_of(buckets_, config_.regression_floor);
  unfitted_ = 0;
}

}  // namespace cpi
