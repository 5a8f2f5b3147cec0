#include <map>

#include "report/panels.h"

namespace cpi {
namespace {

// Sums of a day: more than a quarter's counters can hold.
struct Day {
  int incidents = 0;
  int refuted = 0;
  int lowered = 0;
  int raised = 0;
  int rescheduled = 0;
  int frozen_s = 0;

  void add(const TotalRecord& total) {
    incidents += total.incidents;
    refuted += total.refuted;
    lowered += total.lowered;
    raised += total.raised;
    rescheduled += total.rescheduled;
    frozen_s += total.frozen_s;
  }
};

std::string minutes(const Day& day) { return cell(day.frozen_s / 60.0); }

}  // namespace

Figure days_panel(const Story& story, const Setting& setting) {
  const Words& words = setting.words;
  const auto names = setting.zone.days(story.to_ms, kDays);
  std::map<std::string, Day> days;
  for (const std::string& name : names) days[name];
  Day all;
  for (const ServiceStory& service : story.services) {
    for (const TotalRecord& total : service.history.totals) {
      const auto day = days.find(setting.zone.day(total.begin_ms));
      if (day == days.end()) continue;
      day->second.add(total);
      all.add(total);
    }
  }
  Figure figure;
  figure.kind = "days";
  figure.title = words.days;
  figure.summary = say(words.days_summary, kDays, all.incidents, all.refuted,
                       all.lowered, all.raised, all.rescheduled, minutes(all));
  Table& table = figure.tables.emplace_back();
  table.caption = say(words.days_caption, setting.zone.name());
  table.columns = {{words.day, "name"},
                   {words.incidents, "bar"},
                   {words.lowered, "bar"},
                   {words.raised, "bar"},
                   {words.rescheduled, "bar"},
                   {words.refuted, "bar"},
                   {words.frozen_minutes, "minutes"}};
  for (const auto& [name, day] : days) {
    table.rows.push_back(
        {{},
         {name, std::to_string(day.incidents), std::to_string(day.lowered),
          std::to_string(day.raised), std::to_string(day.rescheduled),
          std::to_string(day.refuted), minutes(day)}});
  }
  return figure;
}

}  // namespace cpi
