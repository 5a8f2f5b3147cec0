#include "chronicle.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

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

EventRecord event_of(const Suspect& suspect) {
  EventRecord event;
  event.kind = Kind::suspect;
  event.correlation = static_cast<float>(suspect.correlation);
  event.cpus = static_cast<float>(suspect.cpus);
  if (suspect.explains) event.flags |= EventRecord::kExplains;
  if (suspect.stands_out) event.flags |= EventRecord::kStandsOut;
  put(event.workload, suspect.workload);
  put(event.cgroup, suspect.cgroup.path);
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

struct Chronicle::Now {
  const Tick& tick;
  std::int64_t ms;

  [[nodiscard]] std::int64_t wall(Instant instant) const {
    return ms - milliseconds(tick.now - instant);
  }
};

Chronicle::Chronicle(const std::vector<std::string>& services)
    : heard_(services.size()),
      seen_(services.size()),
      ranked_(services.size()) {
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
  const Now now{tick, now_ms};
  std::fill(seen_.begin(), seen_.end(), Seen{});
  for (const Judgement& judgement : *tick.judgements) see(judgement, now);
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    if (seen_[i].worst) write_window(i, now);
  }
  if (tick.decision) write_actions(now);
  if (tick.suspects) write_suspects(now);
  if (tick.policy) write_frozen(now);
  last_ = tick.now;
}

void Chronicle::see(const Judgement& judgement, const Now& now) {
  const Sample& sample = *judgement.sample;
  const auto found = positions_.find(sample.workload);
  if (found == positions_.end()) return;
  Seen& seen = seen_[found->second];
  ++seen.replicas;
  if (!seen.worst ||
      worst_deviation(judgement) > worst_deviation(*seen.worst)) {
    seen.worst = &judgement;
  }
  for (const auto& finding : judgement.findings) {
    if (finding && finding->incident) {
      see(*finding, found->second, sample, now);
    }
  }
}

void Chronicle::see(const Finding& finding, std::size_t service,
                    const Sample& sample, const Now& now) {
  const bool over = finding.change == Change::recovered;
  if (!over) seen_[service].incident = finding.incident;
  if (!over && finding.change != Change::opened) return;
  EventRecord event = event_of(finding, over ? Kind::closed : Kind::opened);
  event.time_ms = now.wall(sample.end);
  event.incident_ms = now.wall(finding.incident->onset);
  note(service, event);
  if (!finding.refuted) return;
  event.kind = Kind::refuted;
  note(service, event);
}

void Chronicle::write_window(std::size_t service, const Now& now) {
  const Seen& seen = seen_[service];
  WindowRecord record = window_of(*seen.worst);
  record.time_ms = now.wall(seen.worst->sample->end);
  record.replicas = seen.replicas;
  if (seen.incident) record.flags |= WindowRecord::kIncident;
  Heard& heard = heard_[service];
  if (heard.count > 0) {
    record.latency = static_cast<float>(heard.sum / heard.count);
  }
  heard = {};
  page_.windows.push_back({service, record});
}

void Chronicle::write_actions(const Now& now) {
  for (const Action& action : now.tick.decision->actions) {
    const auto found = positions_.find(action.why.service);
    if (found == positions_.end()) continue;
    EventRecord event;
    event.time_ms = now.ms;
    if (!std::visit(Verbs{event}, action.verb)) continue;
    event.signal = static_cast<std::uint8_t>(action.why.signal);
    event.deviation = static_cast<float>(action.why.deviation);
    event.correlation = static_cast<float>(action.why.correlation);
    if (action.dry_run) event.flags |= EventRecord::kDryRun;
    put(event.reason, to_string(action.why.reason));
    put(event.workload, action.workload);
    note(found->second, event);
    seen_[found->second].acted = true;
    if (event.kind == Kind::frozen && !action.dry_run) freezer_ = found->second;
    if (event.kind == Kind::thawed) freezer_.reset();
  }
}

// Once per incident. A ranking does not say whose it is: it is that of the
// service for which something was done, or of the only one that is harmed.
void Chronicle::write_suspects(const Now& now) {
  constexpr std::size_t kMost = 10;
  const auto& suspects = *now.tick.suspects;
  const auto harmed =
      std::count_if(seen_.begin(), seen_.end(),
                    [](const Seen& seen) { return seen.incident != nullptr; });
  for (std::size_t i = 0; i < seen_.size() && !suspects.empty(); ++i) {
    const Incident* incident = seen_[i].incident;
    if (!incident || (harmed > 1 && !seen_[i].acted)) continue;
    if (std::exchange(ranked_[i], incident->onset) == incident->onset) continue;
    for (std::size_t rank = 0; rank < std::min(suspects.size(), kMost);
         ++rank) {
      EventRecord event = event_of(suspects[rank]);
      event.time_ms = now.ms;
      event.incident_ms = now.wall(incident->onset);
      event.signal = static_cast<std::uint8_t>(incident->signal);
      note(i, event);
    }
  }
}

void Chronicle::write_frozen(const Now& now) {
  if (!freezer_ || !last_) return;
  const Instant end = std::min(now.tick.now, now.tick.policy->frozen_until);
  const TotalRecord total = frozen_total(now.ms, to_seconds(end - *last_));
  if (!total.empty()) page_.totals.push_back({*freezer_, total});
}

void Chronicle::note(std::size_t service, const EventRecord& event) {
  page_.events.push_back({service, event});
  if (const TotalRecord total = total_of(event); !total.empty()) {
    page_.totals.push_back({service, total});
  }
}

}  // namespace cpi
