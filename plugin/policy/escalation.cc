#include "policy/escalation.h"

#include <algorithm>

namespace cpi {
namespace {

// In [0, 1). Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
// Generators", 2014.
double next_random(std::uint64_t& seed) {
  seed += 0x9e3779b97f4a7c15;
  std::uint64_t x = seed;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

}  // namespace

std::optional<Reason> reason_to_move(const EscalationConfig& config,
                                     const Incident& incident,
                                     const Charge& charge) {
  if (charge.explains && incident.incident_class == IncidentClass::severe) {
    return Reason::severe;
  }
  if (!charge.guilty) return std::nullopt;
  const Millicores little = to_millicores(config.reschedule_below);
  if (charge.cuts >= 2 && charge.start >= 2 * little &&
      charge.cut.quota < little) {
    return Reason::too_little;
  }
  return std::nullopt;
}

bool may_ask(const EscalationConfig& config, const Record& record,
             Instant now) {
  const auto& asked = record.reschedules;
  if (asked.size() >= config.max_reschedules) return false;
  return asked.empty() || now - asked.back() >= kHour;
}

bool may_cut(const EscalationConfig& config, const Record& record) {
  return record.adjustments.size() < config.max_adjustments;
}

Duration freeze_length(const EscalationConfig& config, std::uint64_t& seed) {
  const double jitter = config.freeze_jitter * (2 * next_random(seed) - 1);
  return from_seconds((1 + jitter) * to_seconds(config.freeze_time));
}

}  // namespace cpi
