#include "model/feedback.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

// What is normal: a day of values at 10 s, once there are some hundred.
constexpr double kUsualMemory = 8640;
constexpr double kUsualSamples = 100;
// Fewer values than this between anomaly and action are too little.
constexpr double kJudgedSamples = 5;
// A rise: more than a tenth, and more than chance explains (two standard
// errors). Normal: less than half of both. Between them lies nothing certain.
constexpr double kRise = 0.1;
constexpr double kErrors = 2;
constexpr double kNormalShare = 0.5;

constexpr double kStep = 0.25;  // of N, in standard deviations
constexpr Duration kHalfLife = std::chrono::hours(7 * 24);
constexpr double kMaxValue = 1e12;

}  // namespace

Feedback::Feedback(const ModelConfig& config) : config_(config) {}

double Feedback::deviations(Instant now) const {
  const double halvings = to_seconds(std::max(now - corrected_, Duration{0})) /
                          to_seconds(kHalfLife);
  const double wanted = config_.deviations + offset_ * std::exp2(-halvings);
  return std::clamp(wanted,
                    std::min(config_.min_deviations, config_.deviations),
                    std::max(config_.max_deviations, config_.deviations));
}

void Feedback::set_deviations(double deviations, Instant now) {
  offset_ = deviations - config_.deviations;
  corrected_ = now;
}

void Feedback::correct(double by, Instant now) {
  set_deviations(deviations(now) + by, now);
  set_deviations(deviations(now), now);
}

bool Feedback::rose(const Moments& values) const {
  const double sigma = std::sqrt(usual_.m2 / usual_.weight);
  const double rise = values.mean - usual_.mean;
  return rise > kRise * std::abs(usual_.mean) &&
         rise > kErrors * sigma / std::sqrt(values.weight);
}

bool Feedback::normal(const Moments& values) const {
  const double sigma = std::sqrt(usual_.m2 / usual_.weight);
  const double chance = kErrors * sigma / std::sqrt(values.weight);
  const double rise = values.mean - usual_.mean;
  return rise <= kNormalShare * std::max(kRise * std::abs(usual_.mean), chance);
}

void Feedback::latency(double value, std::optional<double> deviation,
                       Instant now) {
  if (!std::isfinite(value) || value < 0) return;
  value = std::min(value, kMaxValue);
  if (open_) {
    if (!acted_) during_.add(value, 1, kUsualMemory);
    return;
  }
  recent_.add(value, 1, kUsualMemory);
  if (deviation && std::isfinite(*deviation)) {
    deviation_.add(*deviation, 1, kUsualMemory);
  }
  if (recent_.weight < kJudgedSamples) return;
  const double n = deviations(now);
  const bool noticed = deviation_.weight >= kJudgedSamples &&
                       deviation_.mean > n / 2 && deviation_.mean <= n;
  if (usual_.weight < kUsualSamples || !rose(recent_)) {
    usual_.merge(recent_);
    usual_.fade_to(kUsualMemory);
  } else if (noticed) {
    correct(-kStep, now);
  }
  recent_ = {};
  deviation_ = {};
}

void Feedback::begin() {
  open_ = true;
  acted_ = false;
  during_ = {};
  recent_ = {};
  deviation_ = {};
}

void Feedback::action() { acted_ = true; }

void Feedback::dismiss() {
  if (open_) usual_.merge(during_);
  open_ = false;
}

Verdict Feedback::judge() const {
  if (!open_ || during_.weight < kJudgedSamples ||
      usual_.weight < kUsualSamples) {
    return Verdict::unknown;
  }
  if (rose(during_)) return Verdict::confirmed;
  return normal(during_) ? Verdict::refuted : Verdict::unknown;
}

Verdict Feedback::end(Instant now) {
  const Verdict verdict = judge();
  open_ = false;
  if (verdict == Verdict::refuted) correct(kStep, now);
  return verdict;
}

}  // namespace cpi
