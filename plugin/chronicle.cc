#include "chronicle.h"

#include <algorithm>
#include <chrono>

namespace cpi {
namespace {

using Kind = EventRecord::Kind;

std::int64_t milliseconds(Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

float number(const std::optional<double>& value) {
  return value ? static_cast<float>(*value) : kNotMeasured;
}

const Finding* finding_of(const Judgement& judgement, Signal signal) {
  const auto& finding = judgement.findings[static_cast<int>(signal)];
  return finding ? &*finding : nullptr;
}

// Of the signal that is scored as the cost of an instruction.
const Finding* scored(const Judgement& judgement) {
  const Finding* cpi = finding_of(judgement, Signal::cpi);
  return cpi ? cpi : finding_of(judgement, Signal::ns_per_instruction);
}

double worst_deviation(const Judgement& judgement) {
  double worst = -1e300;
  for (const auto& finding : judgement.findings) {
    if (finding) worst = std::max(worst, finding->score.deviation);
  }
  return worst;
}

bool has_incident(const Judgement& judgement) {
  return std::any_of(judgement.findings.begin(), judgement.findings.end(),
                     [](const auto& finding) {
                       return finding && finding->incident &&
                              finding->change != Change::recovered;
                     });
}

void put_score(const Finding& finding, WindowRecord& record) {
  const Score& score = finding.score;
  const auto mark = [&](bool is, WindowRecord::Flag flag) {
    if (is) record.flags = static_cast<std::uint16_t>(record.flags | flag);
  };
  mark(score.anomaly, WindowRecord::kAnomaly);
  mark(score.abnormal_distribution, WindowRecord::kAbnormalDistribution);
  mark(score.noise, WindowRecord::kNoise);
  mark(score.learning == Learning::warm_up, WindowRecord::kWarmUp);
  mark(score.basis == Basis::line, WindowRecord::kOnLine);
  mark(score.signal == Signal::ns_per_instruction,
       WindowRecord::kNsPerInstruction);
  record.value = static_cast<float>(score.value);
  if (score.basis == Basis::none) return;
  record.expected = static_cast<float>(score.expected);
  record.standard_deviation = static_cast<float>(score.standard_deviation);
  record.deviations = static_cast<float>(score.deviations);
}

WindowRecord window_of(const Judgement& judgement) {
  const Sample& sample = *judgement.sample;
  WindowRecord record;
  record.length_ms =
      static_cast<std::uint32_t>(milliseconds(sample.end - sample.begin));
  record.usage = number(sample.cpu_usage);
  record.cpu_wait = number(sample.cpu_wait);
  record.running_ratio = number(sample.running_ratio);
  record.throttled = number(sample.throttled);
  if (const Finding* finding = scored(judgement)) {
    put_score(*finding, record);
  } else if (sample.counted) {
    record.value = static_cast<float>(sample.counted->cpi());
  }
  if (const Finding* wait = finding_of(judgement, Signal::cpu_wait)) {
    if (wait->score.basis != Basis::none) {
      record.wait_deviation = static_cast<float>(wait->score.deviation);
    }
    if (wait->score.anomaly) record.flags |= WindowRecord::kWaitAnomaly;
  }
  return record;
}

EventRecord event_of(const Finding& finding, Kind kind) {
  const Incident& incident = *finding.incident;
  EventRecord event;
  event.kind = kind;
  event.signal = static_cast<std::uint8_t>(incident.signal);
  event.incident_class = static_cast<std::uint8_t>(incident.incident_class);
  event.deviation = static_cast<float>(incident.deviation);
  event.excess = static_cast<float>(incident.excess);
  put(event.reason, to_string(incident.rule));
  put(event.cgroup, incident.victim.path);
  return event;
}

float cores(Millicores quota) {
  return quota > 0 ? static_cast<float>(quota) / 1000 : kNotMeasured;
}

void put_change(EventRecord& event, Kind kind, const CgroupId& cgroup,
                Millicores before, Millicores after) {
  event.kind = kind;
  event.before = cores(before);
  event.after = cores(after);
  put(event.cgroup, cgroup.path);
}

// What a verb makes of the event; false where it is no news.
struct Verbs {
  EventRecord& event;

  bool operator()(const Lower& verb) const {
    put_change(event, Kind::lowered, verb.cgroup, verb.before, verb.quota);
    return true;
  }
  bool operator()(const Raise& verb) const {
    put_change(event, Kind::raised, verb.cgroup, verb.before, verb.quota);
    return true;
  }
  bool operator()(const Release& verb) const {
    put_change(event, Kind::released, verb.cgroup, verb.before, 0);
    return true;
  }
  bool operator()(const Reschedule& verb) const {
    put_change(event, Kind::rescheduled, verb.cgroup, 0, 0);
    return true;
  }
  bool operator()(const Freeze& verb) const {
    event.kind = Kind::frozen;
    event.after = static_cast<float>(to_seconds(verb.length));
    return true;
  }
  bool operator()(const Thaw& /*verb*/) const {
    event.kind = Kind::thawed;
    return true;
  }
  bool operator()(const Renew& /*verb*/) const { return false; }
};

}  // namespace

Chronicle::Chronicle(const std::vector<std::string>& services)
    : heard_(services.size()), seen_(services.size()) {
  for (std::size_t i = 0; i < services.size(); ++i) {
    positions_.emplace(services[i], i);
  }
}

void Chronicle::latency(const std::string& service, double value) {
  const auto found = positions_.find(service);
  if (found == positions_.end()) return;
  heard_[found->second].sum += value;
  ++heard_[found->second].count;
}

void Chronicle::write(const Tick& tick, std::int64_t now_ms) {
  const auto wall = [&](Instant instant) {
    return now_ms - milliseconds(tick.now - instant);
  };
  std::fill(seen_.begin(), seen_.end(), Seen{});
  for (const Judgement& judgement : *tick.judgements) {
    const auto found = positions_.find(judgement.sample->workload);
    if (found == positions_.end()) continue;
    see(judgement, seen_[found->second]);
    for (const auto& finding : judgement.findings) {
      if (!finding || !finding->incident) continue;
      const bool opened = finding->change == Change::opened;
      if (!opened && finding->change != Change::recovered) continue;
      EventRecord event =
          event_of(*finding, opened ? Kind::opened : Kind::closed);
      event.time_ms = wall(judgement.sample->end);
      event.incident_ms = wall(finding->incident->onset);
      note(found->second, event);
    }
  }
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const Seen& seen = seen_[i];
    if (!seen.worst) continue;
    WindowRecord record = window_of(*seen.worst);
    record.time_ms = wall(seen.worst->sample->end);
    record.replicas = seen.replicas;
    if (seen.incident) record.flags |= WindowRecord::kIncident;
    if (heard_[i].count > 0) {
      record.latency = static_cast<float>(heard_[i].sum / heard_[i].count);
    }
    heard_[i] = {};
    page_.windows.push_back({i, record});
  }
}

void Chronicle::write(const std::vector<Action>& actions, std::int64_t now_ms) {
  for (const Action& action : actions) {
    const auto found = positions_.find(action.why.service);
    if (found == positions_.end()) continue;
    EventRecord event;
    event.time_ms = now_ms;
    if (!std::visit(Verbs{event}, action.verb)) continue;
    event.signal = static_cast<std::uint8_t>(action.why.signal);
    event.deviation = static_cast<float>(action.why.deviation);
    event.correlation = static_cast<float>(action.why.correlation);
    if (action.dry_run) event.flags |= EventRecord::kDryRun;
    put(event.reason, to_string(action.why.reason));
    put(event.workload, action.workload);
    note(found->second, event);
    if (event.kind == Kind::frozen) freezer_ = found->second;
  }
}

void Chronicle::frozen(Duration time, std::int64_t now_ms) {
  const TotalRecord total = frozen_total(now_ms, to_seconds(time));
  if (!seen_.empty() && !total.empty()) {
    page_.totals.push_back({freezer_, total});
  }
}

void Chronicle::write(const std::string& service, Signal signal,
                      const std::vector<Suspect>& suspects, std::int64_t now_ms,
                      std::int64_t incident_ms) {
  constexpr std::size_t kMost = 10;
  const auto found = positions_.find(service);
  if (found == positions_.end()) return;
  for (std::size_t i = 0; i < std::min(suspects.size(), kMost); ++i) {
    const Suspect& suspect = suspects[i];
    EventRecord event;
    event.kind = Kind::suspect;
    event.time_ms = now_ms;
    event.incident_ms = incident_ms;
    event.signal = static_cast<std::uint8_t>(signal);
    event.correlation = static_cast<float>(suspect.correlation);
    event.cpus = static_cast<float>(suspect.cpus);
    if (suspect.explains) event.flags |= EventRecord::kExplains;
    if (suspect.stands_out) event.flags |= EventRecord::kStandsOut;
    put(event.workload, suspect.workload);
    put(event.cgroup, suspect.cgroup.path);
    note(found->second, event);
  }
}

void Chronicle::see(const Judgement& judgement, Seen& seen) {
  ++seen.replicas;
  seen.incident = seen.incident || has_incident(judgement);
  if (!seen.worst ||
      worst_deviation(judgement) > worst_deviation(*seen.worst)) {
    seen.worst = &judgement;
  }
}

void Chronicle::note(std::size_t service, const EventRecord& event) {
  page_.events.push_back({service, event});
  if (const TotalRecord total = total_of(event); !total.empty()) {
    page_.totals.push_back({service, total});
  }
}

}  // namespace cpi
