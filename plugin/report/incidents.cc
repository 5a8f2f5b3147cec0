#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>

#include "incident/incident.h"
#include "report/panels.h"

namespace cpi {
namespace {

using Kind = EventRecord::Kind;

// One incident with all that belongs to it.
struct Case {
  const EventRecord* opened = nullptr;
  const EventRecord* closed = nullptr;
  std::vector<const EventRecord*> suspects;
  std::vector<const EventRecord*> steps;
};

bool is_step(const EventRecord& event) {
  return event.kind >= Kind::lowered && event.kind <= Kind::thawed;
}

bool is_of(const EventRecord& event, const Case& one) {
  if (event.incident_ms != 0) {
    // Told at different times, by a wall clock that is corrected in between.
    constexpr std::int64_t kSame = 5000;
    return std::abs(event.incident_ms - one.opened->incident_ms) < kSame &&
           event.signal == one.opened->signal;
  }
  return event.time_ms >= one.opened->time_ms &&
         (!one.closed || event.time_ms <= one.closed->time_ms);
}

// What follows an incident belongs to the latest that it can belong to.
void file_away(const EventRecord& event, std::vector<Case>& cases) {
  for (auto one = cases.rbegin(); one != cases.rend(); ++one) {
    if (!is_of(event, *one)) continue;
    if (event.kind == Kind::closed) one->closed = &event;
    if (event.kind == Kind::suspect) one->suspects.push_back(&event);
    if (is_step(event)) one->steps.push_back(&event);
    return;
  }
}

std::vector<Case> cases_of(const std::vector<EventRecord>& events) {
  std::vector<Case> cases;
  for (const EventRecord& event : events) {
    if (event.kind == Kind::opened) {
      cases.emplace_back().opened = &event;
    } else {
      file_away(event, cases);
    }
  }
  return cases;
}

// Mean deviation of the signal in the five minutes before or after a step; the
// window that contains it shows both.
double deviation_about(std::span<const WindowRecord> windows,
                       const EventRecord& step, bool after) {
  constexpr std::int64_t kAbout = 5 * 60 * 1000;
  const bool wait = static_cast<Signal>(step.signal) == Signal::cpu_wait;
  double sum = 0;
  int count = 0;
  for (const WindowRecord& window : windows) {
    const std::int64_t begin = window.time_ms - window.length_ms;
    const bool counts =
        after
            ? begin >= step.time_ms && window.time_ms <= step.time_ms + kAbout
            : window.time_ms <= step.time_ms && begin >= step.time_ms - kAbout;
    const double deviation = wait ? window.wait_deviation : window.deviation();
    if (!counts || std::isnan(deviation)) continue;
    sum += deviation;
    ++count;
  }
  return count > 0 ? sum / count : kNotMeasured;
}

const char* name_of(Kind kind, const Words& words) {
  switch (kind) {
    case Kind::lowered:
      return words.lowered;
    case Kind::raised:
      return words.raised;
    case Kind::released:
      return words.released;
    case Kind::rescheduled:
      return words.rescheduled;
    case Kind::frozen:
      return words.frozen;
    case Kind::thawed:
      return words.thawed;
    default:
      return "";
  }
}

const char* class_name(const EventRecord& event, const Words& words) {
  switch (static_cast<IncidentClass>(event.incident_class)) {
    case IncidentClass::severe:
      return words.severe;
    case IncidentClass::strong:
      return words.strong;
    default:
      return words.mild;
  }
}

const char* signal_name(const EventRecord& event, const Words& words) {
  switch (static_cast<Signal>(event.signal)) {
    case Signal::cpu_wait:
      return words.starvation;
    case Signal::ns_per_instruction:
      return "ns/instruction";
    default:
      return "CPI";
  }
}

std::string action_of(const EventRecord& step, const Words& words) {
  std::string name = name_of(step.kind, words);
  if (step.has(EventRecord::kDryRun)) name = say(words.would, name);
  return name;
}

Figure suspects_of(const Case& one, const Words& words) {
  Figure figure;
  figure.kind = "suspects";
  figure.title = words.suspects;
  if (one.suspects.empty()) {
    figure.summary = words.no_suspects;
    return figure;
  }
  Table& table = figure.tables.emplace_back();
  table.caption = words.suspects;
  table.columns = {{words.container, "name"},
                   {words.block, ""},
                   {words.correlation, "value"},
                   {words.cpus, ""},
                   {words.explains, ""}};
  for (const EventRecord* suspect : one.suspects) {
    table.rows.push_back(
        {{},
         {text_of(suspect->cgroup), text_of(suspect->workload),
          cell(suspect->correlation), cell(suspect->cpus),
          suspect->has(EventRecord::kExplains) ? words.yes : words.no}});
  }
  const EventRecord& first = *one.suspects.front();
  figure.summary =
      say(words.suspects_summary, one.suspects.size(), text_of(first.cgroup),
          cell(first.correlation), cell(first.cpus));
  return figure;
}

Row row_of(const EventRecord& step, const ServiceStory& service,
           const Setting& setting) {
  const auto& windows = service.history.windows;
  const bool quota = step.kind <= Kind::released;
  return {
      step.time_ms,
      {setting.zone.time(step.time_ms), text_of(step.cgroup),
       action_of(step, setting.words), cell(quota ? step.before : kNotMeasured),
       cell(quota ? step.after : kNotMeasured),
       cell(deviation_about(windows, step, false)),
       cell(deviation_about(windows, step, true)), text_of(step.reason)}};
}

Figure steps_of(const Case& one, const ServiceStory& service,
                const Setting& setting) {
  const Words& words = setting.words;
  Figure figure;
  figure.kind = "steps";
  figure.title = words.steps;
  if (one.steps.empty()) {
    figure.summary = words.no_steps;
    return figure;
  }
  Table& table = figure.tables.emplace_back();
  table.caption = words.steps;
  table.columns = {{words.time, "time"},
                   {words.container, "name"},
                   {words.action, "action"},
                   {words.before, "before"},
                   {words.after, "after"},
                   {words.deviation_before, ""},
                   {words.deviation_after, "deviation"},
                   {words.reason, ""}};
  for (const EventRecord* step : one.steps) {
    table.rows.push_back(row_of(*step, service, setting));
  }
  constexpr std::size_t kTicks = 8;
  constexpr std::int64_t kMargin = 60'000;
  figure.from_ms = one.steps.front()->time_ms - kMargin;
  figure.to_ms = one.steps.back()->time_ms + kMargin;
  figure.ticks = setting.zone.ticks(figure.from_ms, figure.to_ms, kTicks);
  const auto& windows = service.history.windows;
  figure.summary =
      say(words.steps_summary, one.steps.size(),
          cell(deviation_about(windows, *one.steps.front(), false)),
          cell(deviation_about(windows, *one.steps.back(), true)));
  return figure;
}

IncidentPanel panel_of(const Case& one, const ServiceStory& service,
                       const Setting& setting) {
  const Words& words = setting.words;
  const EventRecord& opened = *one.opened;
  const EventRecord& latest = one.closed ? *one.closed : opened;
  const double minutes =
      one.closed
          ? static_cast<double>(one.closed->time_ms - opened.incident_ms) /
                60'000
          : 0;
  IncidentPanel panel;
  panel.title = say(words.incident_title, setting.zone.time(opened.time_ms),
                    class_name(latest, words), signal_name(opened, words));
  panel.summary = say(
      words.incident_summary, cell(latest.deviation), cell(latest.excess),
      one.closed ? say(words.lasted, cell(minutes)) : std::string(words.open),
      text_of(opened.cgroup));
  panel.suspects = suspects_of(one, words);
  panel.steps = steps_of(one, service, setting);
  return panel;
}

}  // namespace

IncidentPanels incident_panels(const ServiceStory& service,
                               const Setting& setting) {
  const auto cases = cases_of(service.history.events);
  IncidentPanels panels;
  if (cases.empty()) panels.summary = setting.words.no_incidents;
  if (cases.size() > kMostIncidents) {
    panels.summary = say(setting.words.left_out, kMostIncidents, cases.size());
  }
  for (auto one = cases.rbegin();
       one != cases.rend() && panels.panels.size() < kMostIncidents; ++one) {
    panels.panels.push_back(panel_of(*one, service, setting));
  }
  return panels;
}

}  // namespace cpi
