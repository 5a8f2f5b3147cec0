#include "model/learner.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace cpi {
namespace {

// Samples that must agree before an exonerated incident becomes the model:
// enough for a mean to a fifth of a standard deviation.
constexpr double kAcceptedSamples = 30;
// Windows of idle batch that verify a model: ten minutes at 10 s.
constexpr double kVerifyingSamples = 60;
// Windows after which a sample is learned: the mildest harm worth the name, a
// shift of one standard deviation, is found sooner (threshold / (1 − drift −
// persistence) windows).
constexpr std::size_t kHeld = 64;
// A batch-idle sample counts double.
constexpr double kIdleWeight = 2;
// What was known before the service changed weighs so many samples a bucket.
constexpr double kPriorSamples = 5;

// Deviations enter the persistence clipped to ± this: no outlier decides.
constexpr double kClip = 4;

double clipped(double deviation) {
  return std::clamp(deviation, -kClip, kClip);
}

// Nothing can be farther from its expectation.
constexpr double kMaxDeviation = 1e9;

Resolution resolution_of(const ModelConfig& config, Signal signal) {
  if (signal == Signal::cpu_wait) return {0, config.min_wait_spread};
  return {config.min_spread, 0};
}

// √E[z² | z > n] of a standard normal z: a sample beyond n standard deviations
// that is learned as this leaves the variance what it would have been unclipped
// (E[z² | z > n] = 1 + n·φ(n)/(1 − Φ(n)), by parts).
double tail_of(double n) {
  const double density = std::exp(-n * n / 2) / std::sqrt(2 * std::numbers::pi);
  const double beyond = std::erfc(n / std::numbers::sqrt2) / 2;
  return beyond > 0 ? std::sqrt(1 + n * density / beyond) : n;
}

}  // namespace

Learner::Learner(const ModelConfig& config, Signal signal)
    : config_(config),
      signal_(signal),
      model_(config, resolution_of(config, signal)),
      incident_(config),
      unvisited_(config),
      exonerated_(config) {
  deviations_ = config.deviations;
  tail_ = tail_of(deviations_);
}

void Learner::set_deviations(double deviations) {
  const double low = std::min(config_.min_deviations, config_.deviations);
  const double high = std::max(config_.max_deviations, config_.deviations);
  deviations_ = std::clamp(deviations, low, high);
  tail_ = tail_of(deviations_);
}

// A starved service uses little CPU: its wait is never noise.
bool Learner::under_noise_floor(const Observation& observation) const {
  return signal_ != Signal::cpu_wait && observation.cpus &&
         *observation.cpus < config_.noise_floor;
}

Learning Learner::learning() const {
  const bool enough =
      samples_ >= config_.min_samples && observed_ >= config_.warm_up;
  if (!enough && !seeded_) return Learning::warm_up;
  return seeded_ || idle_samples_ >= kVerifyingSamples ? Learning::ready
                                                       : Learning::unverified;
}

Score Learner::score(const Observation& observation) const {
  Score score;
  score.signal = signal_;
  score.usage = observation.usage;
  score.value = observation.value;
  score.deviations = deviations_;
  score.learning = learning();
  score.noise = under_noise_floor(observation);
  score.persistence = model_.persistence();
  const Expectation expectation =
      score.noise ? model_.expect_noise() : model_.expect(observation.usage);
  score.basis = expectation.basis;
  score.unvisited = expectation.unvisited;
  if (score.basis == Basis::none) return score;
  score.abnormal_distribution = expectation.abnormal_distribution;
  score.expected = expectation.mean;
  score.standard_deviation = expectation.standard_deviation;
  score.deviation =
      std::clamp((score.value - score.expected) / score.standard_deviation,
                 -kMaxDeviation, kMaxDeviation);
  const bool strict =
      score.abnormal_distribution && config_.unseen_usage == "anomaly";
  score.anomaly = score.judged() && (score.deviation > deviations_ || strict);
  return score;
}

bool Learner::learn(const Observation& observation, const Score& score,
                    Trust trust, Held& held) {
  if (observation.time > last_) observed_ += observation.window;
  last_ = std::max(last_, observation.time);
  if (score.noise) {
    model_.learn_noise(observation.value);
    interrupt(held);
    return false;
  }
  const bool open = trust == Trust::incident || trust == Trust::exonerated;
  if (open) {
    interrupt(held);
    held.waiting.clear();
    return shadow(observation, score.unvisited, trust == Trust::exonerated);
  }
  held.waiting.push_back({observation, product(score, held)});
  const std::size_t keep = learning() == Learning::warm_up ? 0 : kHeld;
  while (held.waiting.size() > keep) {
    commit(held.waiting.front());
    held.waiting.pop_front();
  }
  return false;
}

std::optional<double> Learner::product(const Score& score, Held& held) const {
  const bool known = score.basis != Basis::none &&
                     !score.abnormal_distribution &&
                     model_.weight() >= config_.min_samples;
  const auto before = std::exchange(
      held.deviation,
      known ? std::optional(clipped(score.deviation)) : std::nullopt);
  if (!known || !before) return std::nullopt;
  return *before * clipped(score.deviation);
}

void Learner::calibrate(const Observation& observation, Held& held) {
  if (const auto found = product(score(observation), held)) {
    model_.learn_persistence(*found);
  }
}

double Learner::clip(const Observation& observation) const {
  // Until there is something to clip at, everything is learned as it is.
  if (learning() == Learning::warm_up) return observation.value;
  const Expectation expectation = model_.expect(observation.usage);
  if (expectation.basis == Basis::none) return observation.value;
  const double offset = observation.value - expectation.mean;
  const double sigma = expectation.standard_deviation;
  if (std::abs(offset) <= deviations_ * sigma) return observation.value;
  return expectation.mean + std::copysign(tail_ * sigma, offset);
}

void Learner::commit(const Held::Waiting& waiting) {
  const Observation& observation = waiting.observation;
  if (waiting.product) model_.learn_persistence(*waiting.product);
  const double weight = observation.batch_idle ? kIdleWeight : 1;
  model_.learn(observation.usage, clip(observation), weight, observation.time);
  samples_ += weight;
  if (observation.batch_idle) ++idle_samples_;
}

bool Learner::shadow(const Observation& observation, bool unvisited,
                     bool exonerated) {
  const auto keep = [&](Shadow& shadow) {
    shadow.model.learn(observation.usage, observation.value, 1,
                       observation.time);
    ++shadow.samples;
  };
  keep(incident_);
  if (exonerated) keep(exonerated_);
  if (unvisited) keep(unvisited_);
  // Nothing but an extrapolation ever spoke against these.
  if (unvisited_.samples >= config_.acceptance) {
    model_.replace(unvisited_.model.buckets());
    close_incident();
    return true;
  }
  if (exonerated_.samples < kAcceptedSamples) return false;
  // What was seen before nobody else was left to blame may have been harm.
  incident_ = std::move(exonerated_);
  return accept_incident();
}

bool Learner::accept_incident() {
  if (incident_.samples < kAcceptedSamples) return false;
  // The service itself has changed: until seen otherwise, alike at all usages.
  Moments change;
  const Buckets& seen = incident_.model.buckets();
  for (const Bucket& bucket : seen.all()) {
    const Moments now = bucket.all();
    const double before = model_.expect(seen.centre(bucket)).mean;
    change.merge({now.weight, now.mean - before, 0});
  }
  model_.fade_to(kPriorSamples, change.mean);
  model_.replace(seen);
  close_incident();
  return true;
}

void Learner::close_incident() {
  incident_ = Shadow(config_);
  unvisited_ = Shadow(config_);
  exonerated_ = Shadow(config_);
}

void Learner::restart() {
  model_.fade_to(kPriorSamples, 0);
  observed_ = {};
  samples_ = 0;
  idle_samples_ = 0;
  seeded_ = false;
  set_deviations(config_.deviations);
  close_incident();
}

LearnerState Learner::state() const {
  LearnerState state(model_.buckets());
  state.noise = model_.noise();
  state.persistence = model_.persistence_moments();
  state.observed = observed_;
  state.samples = samples_;
  state.idle_samples = idle_samples_;
  state.seeded = seeded_;
  state.deviations = deviations_;
  return state;
}

void Learner::restore(LearnerState state) {
  model_.restore(std::move(state.buckets), state.noise, state.persistence);
  observed_ = state.observed;
  samples_ = state.samples;
  idle_samples_ = state.idle_samples;
  seeded_ = state.seeded;
  set_deviations(state.deviations);
}

void Learner::seed(LearnerState state) {
  state.seeded = true;
  state.deviations = config_.deviations;
  restore(std::move(state));
}

}  // namespace cpi
