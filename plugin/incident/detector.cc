#include "incident/detector.h"

#include <algorithm>
#include <utility>

namespace cpi {
namespace {

constexpr std::size_t kMaxEvidence = 60;

// The sum never exceeds so many thresholds: however long the harm, recovery
// is noticed in bounded time.
constexpr double kCap = 2;

}  // namespace

Detector::Detector(const DetectorConfig& config, std::string service,
                   CgroupId victim)
    : config_(config),
      service_(std::move(service)),
      victim_(std::move(victim)) {}

Change Detector::update(const Score& score, Instant now, Duration window) {
  const bool hole = last_ && now - *last_ > (config_.max_missing + 1) * window;
  last_ = now;
  if (hole) reset();
  if (tell_reset() == Change::recovered) return Change::recovered;
  closed_.reset();
  const bool settling = settling_ > 0;
  if (settling) --settling_;
  if (!score.judged() || settling) return Change::none;
  count(score, now);
  remember(score, now);
  return conclude(score, now);
}

void Detector::count(const Score& score, Instant now) {
  in_a_row_ = score.anomaly ? in_a_row_ + 1 : 0;
  if (score.anomaly && config_.count > 0) anomalies_.push_back(now);
  while (!anomalies_.empty() && anomalies_.front() <= now - config_.window) {
    anomalies_.pop_front();
  }
  const double step = std::clamp(score.deviation, -config_.clip, config_.clip) -
                      config_.drift - score.persistence;
  sum_ = std::clamp(sum_ + step, 0.0, kCap * config_.threshold);
  calm_ = !score.anomaly && sum_ <= 0 ? calm_ + 1 : 0;
}

// The evidence reaches back to when the counts last stood at zero.
void Detector::remember(const Score& score, Instant now) {
  if (!incident_ && !suspicious() && anomalies_.empty()) {
    evidence_.clear();
    return;
  }
  evidence_.push_back({now, score});
  if (evidence_.size() > kMaxEvidence) evidence_.pop_front();
}

std::optional<Rule> Detector::complete() const {
  if (config_.threshold > 0 && sum_ > config_.threshold) {
    return Rule::cumulative_sum;
  }
  if (config_.consecutive > 0 && in_a_row_ >= config_.consecutive) {
    return Rule::consecutive;
  }
  if (config_.count > 0 && anomalies_.size() >= config_.count) {
    return Rule::count;
  }
  return std::nullopt;
}

Change Detector::conclude(const Score& score, Instant now) {
  const auto rule = complete();
  if (!incident_) {
    if (!rule) return Change::none;
    open(*rule, now, score);
    return Change::opened;
  }
  incident_->last = now;
  weigh();
  if (rule && std::exchange(spent_, false)) {
    ++incident_->effects;
    return Change::repeated;
  }
  if (calm_ < config_.recovery) return Change::none;
  close();
  return Change::recovered;
}

void Detector::open(Rule rule, Instant now, const Score& score) {
  Incident incident;
  incident.service = service_;
  incident.victim = victim_;
  incident.signal = score.signal;
  incident.onset = evidence_.front().time;
  incident.effective = now;
  incident.last = now;
  incident.rule = rule;
  incident.may_act = score.learning == Learning::ready;
  incident.effects = 1;
  incident_ = std::move(incident);
  spent_ = false;
  calm_ = 0;
  weigh();
}

void Detector::weigh() {
  Incident& incident = *incident_;
  incident.evidence.assign(evidence_.begin(), evidence_.end());
  double deviation = 0;
  double excess = 0;
  for (const auto& [time, score] : evidence_) {
    deviation += score.deviation;
    excess += score.excess();
    incident.peak = std::max(incident.peak, score.deviation);
  }
  const auto windows =
      static_cast<double>(std::max<std::size_t>(1, evidence_.size()));
  incident.deviation = deviation / windows;
  incident.excess = excess / windows;
  incident.incident_class = incident.deviation < config_.strong
                                ? IncidentClass::mild
                            : incident.deviation >= config_.severe &&
                                    incident.excess >= config_.min_excess
                                ? IncidentClass::severe
                                : IncidentClass::strong;
}

void Detector::clear_counts() {
  sum_ = 0;
  in_a_row_ = 0;
  calm_ = 0;
  anomalies_.clear();
  evidence_.clear();
}

void Detector::spend() {
  clear_counts();
  spent_ = true;
  settling_ = config_.settle_windows;
}

void Detector::close() {
  closed_ = std::exchange(incident_, std::nullopt);
  clear_counts();
}

Change Detector::tell_reset() {
  if (!std::exchange(reset_due_, false)) return Change::none;
  clear_counts();
  settling_ = 0;
  if (!incident_) return Change::none;
  close();
  closed_->voided = true;
  return Change::recovered;
}

}  // namespace cpi
