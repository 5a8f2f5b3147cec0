#include <algorithm>
#include <cmath>

#include "report/panels.h"

namespace cpi {
namespace {

// The mean of what was measured.
class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  [[nodiscard]] double value() const {
    return count_ > 0 ? sum_ / count_ : kNotMeasured;
  }

 private:
  double sum_ = 0;
  int count_ = 0;
};

// What some neighbouring windows have in common.
struct Stretch {
  std::int64_t begin_ms = 0;
  Mean usage, value, expected, low, high, latency, wait;
  double highest = kNotMeasured;
  double deviation = kNotMeasured;
  int anomalies = 0;
  bool incident = false;

  void add(const WindowRecord& window) {
    const double half = double{window.deviations} * window.standard_deviation;
    usage.add(window.usage);
    value.add(window.value);
    expected.add(window.expected);
    // Not fmax, which takes nothing for 0.
    const double least = window.expected - half;
    low.add(least < 0 ? 0 : least);
    high.add(window.expected + half);
    latency.add(window.latency);
    wait.add(window.cpu_wait);
    highest = std::fmax(highest, window.value);
    deviation = std::fmax(deviation, window.deviation());
    anomalies += is_anomalous(window);
    incident = incident || window.has(WindowRecord::kIncident);
  }

  static bool is_anomalous(const WindowRecord& window) {
    return window.has(WindowRecord::kAnomaly) ||
           window.has(WindowRecord::kWaitAnomaly);
  }
};

std::int64_t stretch_length(const Story& story,
                            const std::vector<WindowRecord>& windows) {
  const std::int64_t window =
      std::max<std::int64_t>(windows.front().length_ms, 1);
  const std::int64_t period =
      std::max<std::int64_t>(story.to_ms - story.from_ms, window);
  const std::int64_t windows_each =
      (period + window * kTimelineRows - 1) / (window * kTimelineRows);
  return windows_each * window;
}

std::vector<Stretch> stretches_of(const Story& story,
                                  const std::vector<WindowRecord>& windows,
                                  std::int64_t length) {
  std::vector<Stretch> stretches;
  for (const WindowRecord& window : windows) {
    // A window belongs to where it began.
    const std::int64_t since =
        std::max<std::int64_t>(window.time_ms - window.length_ms,
                               story.from_ms) -
        story.from_ms;
    const std::int64_t begin = story.from_ms + since / length * length;
    if (stretches.empty() || stretches.back().begin_ms != begin) {
      stretches.emplace_back().begin_ms = begin;
    }
    stretches.back().add(window);
  }
  return stretches;
}

Row row_of(const Stretch& stretch, const Setting& setting) {
  return {stretch.begin_ms,
          {setting.zone.time(stretch.begin_ms),
           cell(100 * stretch.usage.value()), cell(stretch.value.value()),
           cell(stretch.highest), cell(stretch.expected.value()),
           cell(stretch.low.value()), cell(stretch.high.value()),
           cell(stretch.deviation), cell(stretch.latency.value()),
           cell(100 * stretch.wait.value()), std::to_string(stretch.anomalies),
           stretch.incident ? setting.words.yes : ""}};
}

std::string summary_of(const ServiceStory& service, const Words& words) {
  Stretch all;
  std::size_t incident = 0;
  for (const WindowRecord& window : service.history.windows) {
    all.add(window);
    incident += window.has(WindowRecord::kIncident);
  }
  const std::size_t windows = service.history.windows.size();
  return say(words.timeline_summary, value_name(service),
             cell(all.value.value()), cell(all.expected.value()),
             cell(all.low.value()), cell(all.high.value()), all.anomalies,
             windows) +
         " " + say(words.incident_share, incident, windows);
}

}  // namespace

std::string value_name(const ServiceStory& service) {
  return service.signal == Signal::ns_per_instruction ? "ns/instruction"
                                                      : "CPI";
}

Figure timeline_panel(const Story& story, const ServiceStory& service,
                      const Setting& setting) {
  const Words& words = setting.words;
  Figure figure;
  figure.kind = "timeline";
  figure.title = say(words.timeline, value_name(service));
  figure.from_ms = story.from_ms;
  figure.to_ms = story.to_ms;
  const auto& windows = service.history.windows;
  if (windows.empty()) {
    figure.summary = words.no_windows;
    return figure;
  }
  constexpr std::size_t kTicks = 10;
  figure.ticks = setting.zone.ticks(story.from_ms, story.to_ms, kTicks);
  figure.summary = summary_of(service, words);
  const std::int64_t length = stretch_length(story, windows);
  Table& table = figure.tables.emplace_back();
  table.caption =
      say(words.timeline_caption, cell(static_cast<double>(length) / 1000));
  table.columns = {
      {words.time, "time"},           {words.usage, ""},
      {value_name(service), "value"}, {words.highest, "highest"},
      {words.expected, "expected"},   {words.low, "low"},
      {words.high, "high"},           {words.deviation, ""},
      {words.latency, "latency"},     {words.wait, "wait"},
      {words.anomalies, "anomalies"}, {words.incident, "incident"}};
  for (const Stretch& stretch : stretches_of(story, windows, length)) {
    table.rows.push_back(row_of(stretch, setting));
  }
  return figure;
}

}  // namespace cpi
