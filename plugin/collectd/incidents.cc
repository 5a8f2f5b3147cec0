#include "collectd/incidents.h"

#include <fmt/format.h>

#include <algorithm>

#include "collectd/identifier.h"

namespace cpi {
namespace {

std::string key_of(const Incident& incident) {
  return fmt::format("{} {} {}", incident.service, incident.victim.path,
                     to_string(incident.signal));
}

const char* unit_of(Signal signal) {
  switch (signal) {
    case Signal::cpi:
      return "cycles per instruction";
    case Signal::ns_per_instruction:
      return "ns per instruction";
    case Signal::cpu_wait:
      return "of the time waiting for a CPU";
  }
  return "";
}

Notification warning_of(const Finding& finding) {
  const Incident& incident = *finding.incident;
  const Score& score = finding.score;
  Notification notification;
  notification.alert = Alert::warning;
  notification.instance = identifier("service_" + incident.service);
  notification.type_instance = "incident";
  notification.message = fmt::format(
      "{}: {}: {:.3g} {}, expected {:.3g} ({:+.1f} standard deviations, {})",
      incident.service,
      incident.own_doing ? "the service changed, no batch runs" : "disturbed",
      score.value, unit_of(score.signal), score.expected, incident.deviation,
      to_string(incident.incident_class));
  notification.metadata = {
      {"service", incident.service},
      {"cgroup", incident.victim.path},
      {"signal", std::string(to_string(incident.signal))},
      {"class", std::string(to_string(incident.incident_class))},
      {std::string(to_string(incident.signal)), score.value},
      {"expected", score.expected},
      {"deviation", incident.deviation},
      {"excess", incident.excess}};
  return notification;
}

}  // namespace

void Incidents::report(const Finding& finding) {
  const std::string key = key_of(*finding.incident);
  if (finding.change != Change::recovered) {
    Open& open = open_[key];
    if (open.cgroup.empty()) {
      open.cgroup = finding.incident->victim.path;
      open.notification = warning_of(finding);
      alarms_.report(key, open.notification);
    }
    return;
  }
  const auto known = open_.find(key);
  if (known == open_.end()) return;
  Notification okay = known->second.notification;
  okay.alert = Alert::okay;
  okay.message = fmt::format(
      "{}: as expected again after {:.0f} s", finding.incident->service,
      to_seconds(finding.incident->last - finding.incident->onset));
  alarms_.report(key, okay);
  open_.erase(known);
}

void Incidents::report(const std::vector<Judgement>& judgements) {
  for (auto& [key, open] : open_) ++open.missing;
  for (const Judgement& judgement : judgements) {
    for (const auto& finding : judgement.findings) {
      if (finding && finding->incident) report(*finding);
    }
    for (auto& [key, open] : open_) {
      if (open.cgroup == judgement.sample->cgroup.path) open.missing = 0;
    }
  }
  std::erase_if(open_, [this](auto& entry) {
    const Open& open = entry.second;
    if (open.missing <= max_missing_) return false;
    Notification okay = open.notification;
    okay.alert = Alert::okay;
    okay.message = "the container is gone, and its incident with it";
    alarms_.report(entry.first, okay);
    return true;
  });
}

}  // namespace cpi
