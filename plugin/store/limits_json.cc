#include "store/limits_json.h"

#include <algorithm>

#include "store/json.h"

namespace cpi {
namespace {

// More of anything was not written by us.
constexpr std::size_t kMost = 10'000;
constexpr double kMostSeconds = 1e9;
constexpr double kMostCount = 9e15;

void set(const Json& object, const char* name, json_t* value) {
  json_object_set_new(object.get(), name, value);
}

json_t* unit_to_json(const UnitState& unit) {
  Json json(json_object());
  Json mains(json_array());
  for (const auto& [process, stands_in] : unit.mains) {
    Json main(json_object());
    set(main, "pid", json_integer(process.pid));
    set(main, "started_ns", json_integer(process.started.count()));
    set(main, "stands_in", json_boolean(stands_in));
    json_array_append_new(mains.get(), main.release());
  }
  set(json, "mains", mains.release());
  set(json, "vacancies", json_integer(static_cast<json_int_t>(unit.vacancies)));
  set(json, "seen_s", json_real(to_seconds(unit.seen)));
  return json.release();
}

json_t* state_to_json(const LimitsState& state) {
  Json json(json_object());
  Json crossed(json_array());
  for (const Limit limit : state.crossed) {
    json_array_append_new(crossed.get(),
                          json_string(std::string(to_string(limit)).c_str()));
  }
  set(json, "crossed", crossed.release());
  Json units(json_object());
  for (const auto& [path, unit] : state.units) {
    set(units, path.c_str(), unit_to_json(unit));
  }
  set(json, "units", units.release());
  Json kills(json_object());
  for (const auto& [path, kill] : state.kills) {
    Json one(json_object());
    set(one, "cgroup", json_integer(static_cast<json_int_t>(kill.cgroup)));
    set(one, "count", json_integer(static_cast<json_int_t>(kill.count)));
    set(kills, path.c_str(), one.release());
  }
  set(json, "kills", kills.release());
  Json restarts(json_array());
  for (const Duration restart : state.restarts) {
    json_array_append_new(restarts.get(), json_real(to_seconds(restart)));
  }
  set(json, "restarts_s", restarts.release());
  set(json, "usual_traffic", json_real(state.traffic.usual));
  if (state.traffic.gone_since) {
    set(json, "traffic_gone_since_s",
        json_real(to_seconds(*state.traffic.gone_since)));
  }
  return json.release();
}

// A number from 0 to `most`, or nothing.
std::optional<double> bounded(const json_t* object, const char* name,
                              double most) {
  const auto number = number_in(object, name);
  return number && *number >= 0 && *number <= most ? number : std::nullopt;
}

UnitState unit_from_json(const json_t* json) {
  UnitState unit;
  const json_t* mains = json_object_get(json, "mains");
  const std::size_t count = std::min(json_array_size(mains), kMost);
  for (std::size_t i = 0; i < count; ++i) {
    const json_t* main = json_array_get(mains, i);
    constexpr double kMostPid = 1 << 22;
    const auto pid = bounded(main, "pid", kMostPid);
    const json_t* started = json_object_get(main, "started_ns");
    if (!pid || !json_is_integer(started)) continue;
    unit.mains.push_back(
        {{static_cast<int>(*pid), Duration(json_integer_value(started))},
         json_is_true(json_object_get(main, "stands_in"))});
  }
  unit.vacancies = static_cast<std::size_t>(
      bounded(json, "vacancies", static_cast<double>(kMost)).value_or(0));
  unit.seen = from_seconds(bounded(json, "seen_s", kMostSeconds).value_or(0));
  return unit;
}

LimitsState state_from_json(json_t* json) {
  LimitsState state;
  const json_t* crossed = json_object_get(json, "crossed");
  for (std::size_t i = 0; i < std::min(json_array_size(crossed), kLimits);
       ++i) {
    const char* name = json_string_value(json_array_get(crossed, i));
    const auto limit = name ? limit_named(name) : std::nullopt;
    if (limit) state.crossed.push_back(*limit);
  }
  const char* path = nullptr;
  json_t* value = nullptr;
  json_object_foreach(json_object_get(json, "units"), path, value) {
    state.units.emplace(path, unit_from_json(value));
  }
  json_object_foreach(json_object_get(json, "kills"), path, value) {
    state.kills[path] = {static_cast<std::uint64_t>(
                             bounded(value, "cgroup", kMostCount).value_or(0)),
                         static_cast<std::uint64_t>(
                             bounded(value, "count", kMostCount).value_or(0))};
  }
  const json_t* restarts = json_object_get(json, "restarts_s");
  for (std::size_t i = 0; i < std::min(json_array_size(restarts), kMost); ++i) {
    const double at = json_number_value(json_array_get(restarts, i));
    if (at >= 0 && at <= kMostSeconds) {
      state.restarts.push_back(from_seconds(at));
    }
  }
  std::sort(state.restarts.begin(), state.restarts.end());
  state.traffic.usual = bounded(json, "usual_traffic", kMostCount).value_or(0);
  if (const auto since =
          bounded(json, "traffic_gone_since_s", 4 * kMostSeconds)) {
    state.traffic.gone_since = from_seconds(*since);
  }
  return state;
}

}  // namespace

std::string limits_to_json(const LimitsFile& file) {
  Json json(json_object());
  set(json, "boot_id", json_string(file.boot_id.c_str()));
  Json services(json_object());
  for (const auto& [name, state] : file.services) {
    set(services, name.c_str(), state_to_json(state));
  }
  set(json, "services", services.release());
  return dump_json(json.get()) + "\n";
}

Result<LimitsFile> limits_from_json(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return fail(json);
  if (!json_is_object(json->get())) return fail(0, "expected an object");
  LimitsFile file;
  file.boot_id = string_in(json->get(), "boot_id").value_or("");
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(json_object_get(json->get(), "services"), name, value) {
    file.services.emplace(name, state_from_json(value));
  }
  return file;
}

}  // namespace cpi
