#include "report/zone.h"

#include <date/tz.h>

#include <array>
#include <exception>
#include <optional>

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Local = date::local_time<milliseconds>;

date::sys_time<milliseconds> instant(std::int64_t time_ms) {
  return date::sys_time<milliseconds>(milliseconds(time_ms));
}

std::int64_t number(date::sys_time<milliseconds> time) {
  return time.time_since_epoch().count();
}

constexpr std::array<minutes, 12> kSteps = {
    minutes(1), minutes(5), minutes(15), minutes(30), hours(1),   hours(2),
    hours(3),   hours(6),   hours(12),   hours(24),   hours(168), hours(744)};

minutes step_for(milliseconds length, std::size_t most) {
  for (const minutes step : kSteps) {
    if (length / step < static_cast<std::int64_t>(most)) return step;
  }
  return std::chrono::ceil<minutes>(length / (most - 1)) + minutes(1);
}

// The instant of a local time; of one that occurs twice the first, of one that
// is skipped none.
std::optional<std::int64_t> instant_of(const date::time_zone& zone,
                                       Local local) {
  const date::local_info info = zone.get_info(date::floor<seconds>(local));
  if (info.result == date::local_info::nonexistent) return std::nullopt;
  return number(zone.to_sys(local, date::choose::earliest));
}

}  // namespace

Result<Zone> Zone::named(const std::string& name) {
  try {
    return Zone(name.empty() ? date::current_zone() : date::locate_zone(name));
  } catch (const std::exception&) {
    return fail(0, "there is no time zone \"" + name + "\"",
                "name one like Asia/Hong_Kong; the package tzdata has them");
  }
}

std::string Zone::name() const { return zone_->name(); }

std::string Zone::time(std::int64_t time_ms) const {
  return date::format(
      "%F %T %Z",
      date::make_zoned(zone_, date::floor<seconds>(instant(time_ms))));
}

std::string Zone::day(std::int64_t time_ms) const {
  return date::format("%F", zone_->to_local(instant(time_ms)));
}

std::vector<std::string> Zone::days(std::int64_t time_ms, int count) const {
  const auto last = date::floor<date::days>(zone_->to_local(instant(time_ms)));
  std::vector<std::string> days;
  for (int before = count - 1; before >= 0; --before) {
    days.push_back(date::format("%F", last - date::days(before)));
  }
  return days;
}

std::vector<TimeTick> Zone::ticks(std::int64_t from_ms, std::int64_t to_ms,
                                  std::size_t most) const {
  const minutes step = step_for(milliseconds(to_ms - from_ms), most);
  std::vector<TimeTick> ticks;
  const auto put = [&](std::int64_t time_ms) {
    if (time_ms < from_ms || time_ms > to_ms) return;
    const Local local = zone_->to_local(instant(time_ms));
    const bool midnight = local == date::floor<date::days>(local);
    const char* format = midnight ? "%m-%d" : "%H:%M";
    ticks.push_back(
        {time_ms, date::format(format, date::floor<seconds>(local))});
  };
  const Local first =
      date::floor<date::days>(zone_->to_local(instant(from_ms)));
  if (step <= hours(1)) {
    // An hour that the clock repeats has its ticks twice.
    const auto midnight = instant_of(*zone_, first).value_or(from_ms);
    for (std::int64_t time = midnight; time <= to_ms;
         time += milliseconds(step).count()) {
      put(time);
    }
    return ticks;
  }
  const Local end = zone_->to_local(instant(to_ms)) + hours(24);
  for (Local local = first; local <= end; local += step) {
    if (const auto time = instant_of(*zone_, local)) put(*time);
  }
  return ticks;
}

std::string Zone::utc(std::int64_t time_ms) {
  return date::format("%FT%TZ", date::floor<seconds>(instant(time_ms)));
}

}  // namespace cpi
