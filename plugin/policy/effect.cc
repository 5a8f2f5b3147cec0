#include "policy/effect.h"

#include <algorithm>
#include <cmath>

#include "policy/throttle.h"

namespace cpi {
namespace {

// At a quarter of its CPU, more than half of the harm left is others' doing.
constexpr double kMain = 0.5;
// z of one in ten, one-sided.
constexpr double kConfidence = 1.28;
// z of one in a thousand: what is proven is not undone by a single trial of a
// quota that is low already, in which little harm is left to see.
constexpr double kAcquittal = 3;
constexpr double kMinWindows = 3;
// Evidence is hardly ever longer: waiting for more would be waiting for ever.
constexpr double kMaxWindows = 30;

// The kernel accounts a quota per period, and a window cuts through periods.
constexpr double kTolerance = 1.15;
constexpr double kSlackCpus = 0.05;

constexpr int kLatest = 3;
constexpr int kLasting = 12;
// z of one in four thousand, for it is asked again in every window.
constexpr double kBeyondChance = 3.5;
// z of one in three million: there is nothing to wait for.
constexpr double kAtOnce = 5;
// What is expected is itself known to about so many standard deviations, which
// a long wait would sum up to certainty.
constexpr double kExpectation = 0.25;

// Whether the means before and after are so many standard errors away from
// meeting `share` of the harm that chance can be ruled out. The deviation of
// one window has variance 1 by its definition.
bool is_certain(const Harmed& before, const Harmed& after, double share,
                double errors = kConfidence) {
  const double variance = 1 / after.windows + share * share / before.windows;
  return std::abs(after.deviation - share * before.deviation) >=
         errors * std::sqrt(variance);
}

double doubt_of(const Incident& incident) {
  return kConfidence / std::sqrt(harmed_in(incident).windows) + kExpectation;
}

bool is_harmed_in_latest(const Incident& incident, std::size_t windows) {
  windows = std::min(windows, incident.evidence.size());
  if (windows == 0) return false;
  double sum = 0;
  for (std::size_t i = 1; i <= windows; ++i) {
    sum += incident.evidence[incident.evidence.size() - i].score.deviation;
  }
  return sum / static_cast<double>(windows) >= incident.deviation / 2;
}

}  // namespace

Harmed harmed_in(const Incident& incident) {
  return {std::max(0.0, incident.deviation),
          std::max(1.0, static_cast<double>(incident.evidence.size()))};
}

Harmed pooled(const Harmed& a, const Harmed& b) {
  const double windows = a.windows + b.windows;
  if (windows <= 0) return {};
  return {(a.deviation * a.windows + b.deviation * b.windows) / windows,
          windows};
}

bool is_worse(const Harmed& a, const Harmed& b) {
  return a.deviation > b.deviation && is_certain(b, a, 1);
}

Effect effect_of(const EffectConfig& config, const Trial& trial,
                 const Incident& incident, bool proven) {
  const Harmed after = harmed_in(incident);
  const double helped = 1 - config.min_improvement;
  const bool last = after.windows >= kMaxWindows;
  const bool enough = last || is_certain(trial.before, after, helped);
  if (after.windows < kMinWindows || !enough) return Effect::untold;
  if (after.deviation <= kMain * trial.before.deviation) return Effect::main;
  if (after.deviation <= helped * trial.before.deviation) {
    return Effect::partial;
  }
  if (!proven || is_certain(trial.before, after, helped, kAcquittal)) {
    return Effect::none;
  }
  return last ? Effect::partial : Effect::untold;
}

double at_least(const Incident& incident) {
  return harmed_in(incident).deviation - doubt_of(incident);
}

double at_most(const Incident& incident) {
  return harmed_in(incident).deviation + doubt_of(incident);
}

bool still_harmed(const Incident& incident) {
  return is_harmed_in_latest(incident, kLatest);
}

bool is_lasting(const Incident& incident) {
  if (incident.incident_class != IncidentClass::mild) return true;
  double sum = 0;
  int windows = 0;
  for (const auto& [time, score] : incident.evidence) {
    if (time <= incident.effective) continue;
    sum += score.deviation - score.persistence - kExpectation;
    ++windows;
  }
  const double errors = windows > 0 ? sum / std::sqrt(windows) : 0;
  return errors >= (windows >= kLasting ? kBeyondChance : kAtOnce);
}

bool in_force(Millicores quota, double cpus) {
  return to_millicores(cpus) <=
         to_millicores(kTolerance * static_cast<double>(quota) / 1000 +
                       kSlackCpus);
}

}  // namespace cpi
