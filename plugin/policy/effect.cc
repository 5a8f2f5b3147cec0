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

// Whether the means before and after are so many standard errors away from
// meeting `share` of the harm that chance can be ruled out. The deviation of
// one window has variance 1 by its definition.
bool is_certain(const Harmed& before, const Harmed& after, double share) {
  const double variance = 1 / after.windows + share * share / before.windows;
  return std::abs(after.deviation - share * before.deviation) >=
         kConfidence * std::sqrt(variance);
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
                 const Incident& incident) {
  const Harmed after = harmed_in(incident);
  const double helped = 1 - config.min_improvement;
  const bool enough =
      after.windows >= kMaxWindows || is_certain(trial.before, after, helped);
  if (after.windows < kMinWindows || !enough) return Effect::untold;
  if (after.deviation <= kMain * trial.before.deviation) return Effect::main;
  return after.deviation <= helped * trial.before.deviation ? Effect::partial
                                                            : Effect::none;
}

bool still_harmed(const Incident& incident) {
  return is_harmed_in_latest(incident, kLatest);
}

bool is_lasting(const Incident& incident, Duration window) {
  if (incident.incident_class != IncidentClass::mild) return true;
  if (incident.last - incident.effective < kLasting * window) return false;
  double sum = 0;
  double windows = 0;
  for (const auto& [time, score] : incident.evidence) {
    if (time <= incident.effective) continue;
    sum += score.deviation - score.persistence;
    ++windows;
  }
  return sum >= kBeyondChance * std::sqrt(windows) && windows > 0;
}

bool in_force(Millicores quota, double cpus) {
  return to_millicores(cpus) <=
         to_millicores(kTolerance * static_cast<double>(quota) / 1000 +
                       kSlackCpus);
}

}  // namespace cpi
