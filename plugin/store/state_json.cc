#include "store/state_json.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "store/atomic_file.h"
#include "store/json.h"

namespace cpi {
namespace {

constexpr char kFormat[] = "collectd-cpi state";
constexpr int kVersion = 1;
constexpr char kNotUtf8[] = "(not UTF-8)";

// ---- What is saved of each value: one list for writing and reading.

template <class V>
void visit(V& v, CgroupId& id) {
  v("device", id.device);
  v("inode", id.inode);
  v("path", id.path);
}
template <class V>
void visit(V& v, Throttle& t) {
  v("cgroup", t.cgroup);
  v("workload", t.workload);
  v("victim", t.victim);
  v("reason", t.reason);
  v("quota", t.quota);
  v("previous", t.previous);
  v("start", t.start);
  v("since", t.since);
  v("changed", t.changed);
  v("leased_until", t.leased_until);
  v("rising", t.rising);
}
template <class V>
void visit(V& v, Span& s) {
  v("begin", s.begin);
  v("end", s.end);
}
template <class V>
void visit(V& v, Harmed& h) {
  v("deviation", h.deviation);
  v("windows", h.windows);
}
template <class V>
void visit(V& v, Complaint& c) {
  v("victim", c.victim);
  v("signal", c.signal);
}
template <class V>
void visit(V& v, Guilt& g) {
  v("complaint", g.complaint);
  v("until", g.until);
  v("explained", g.explained);
  v("proofs", g.proofs);
}
template <class V>
void visit(V& v, Unthrottled& u) {
  v("complaint", u.complaint);
  v("harm", u.harm);
}
template <class V>
void visit(V& v, Record& r) {
  v("cgroup", r.cgroup);
  v("harmful", r.harmful);
  v("hold", r.hold);
  v("hold_until", r.hold_until);
  v("guilts", r.guilts);
  v("unthrottled", r.unthrottled);
  v("present", r.present);
  v("hands_off_until", r.hands_off_until);
  v("adjustments", r.adjustments);
  v("reschedules", r.reschedules);
  v("throttled", r.throttled);
}
template <class V>
void visit(V& v, Exoneration& e) {
  v("complaint", e.complaint);
  v("suspect", e.suspect);
  v("since", e.since);
  v("until", e.until);
}
template <class V>
void visit(V& v, Inquiry& i) {
  v("tried_together", i.tried_together);
  v("again", i.again);
  v("own_doing", i.own_doing);
  v("resting_until", i.resting_until);
  v("undisturbed", i.undisturbed);
}
template <class V>
void visit(V& v, HeldDown& h) {
  v("cgroup", h.cgroup);
  v("quota", h.quota);
  v("harmful", h.harmful);
}
template <class V>
void visit(V& v, Trial& t) {
  v("suspects", t.suspects);
  v("reason", t.reason);
  v("correlation", t.correlation);
  v("stands_out", t.stands_out);
  v("doubtful", t.doubtful);
  v("signal", t.signal);
  v("before", t.before);
  v("held", t.held);
  v("cuts", t.cuts);
  v("narrowed", t.narrowed);
  v("unmeasured", t.unmeasured);
  v("proven", t.proven);
}
template <class V>
void visit(V& v, Spent& s) {
  v("effective", s.effective);
  v("effects", s.effects);
}
template <class V>
void visit(V& v, Case& c) {
  v("service", c.service);
  v("victim", c.victim);
  v("signal", c.signal);
  v("deviation", c.deviation);
  v("began", c.began);
  v("harmed", c.harmed);
  v("spent", c.spent);
  v("acted", c.acted);
  v("told", c.told);
  v("froze", c.froze);
  v("inquiries", c.inquiries);
  v("trial", c.trial);
}
template <class V>
void visit(V& v, StateFile& f) {
  v("boot_id", f.boot_id);
  v("act", f.act);
  v("throttles", f.state.throttles);
  v("records", f.state.records);
  v("exonerations", f.state.exonerations);
  v("cases", f.state.cases);
  v("frozen_until", f.state.frozen_until);
  v("seed", f.state.seed);
}

// How many there are; the last one is named.
constexpr std::int64_t count_of(Reason) {
  return static_cast<std::int64_t>(Reason::unproven) + 1;
}
constexpr std::int64_t count_of(Signal) { return kSignals; }

// ---- values → JSON

class Writer {
 public:
  explicit Writer(json_t* object) : object_(object) {}

  template <class T>
  void operator()(const char* name, T& value) {
    json_object_set_new(object_, name, json_of(value));
  }

 private:
  static json_t* json_of(bool& value) { return json_boolean(value); }
  static json_t* json_of(double& value) {
    return std::isfinite(value) ? json_real(value) : json_real(0);
  }
  static json_t* json_of(std::string& text) {
    json_t* plain = json_stringn(text.data(), text.size());
    return plain ? plain : json_string(kNotUtf8);
  }
  static json_t* json_of(Duration& time) { return json_integer(time.count()); }
  static json_t* json_of(Instant& time) {
    return json_integer(time.time_since_epoch().count());
  }
  template <class T>
  static json_t* json_of(std::optional<T>& value) {
    return value ? json_of(*value) : json_null();
  }
  template <class T>
  static json_t* list_of(T& values) {
    json_t* array = json_array();
    for (auto& value : values) json_array_append_new(array, json_of(value));
    return array;
  }
  template <class T>
  static json_t* json_of(std::vector<T>& values) {
    return list_of(values);
  }
  template <class T, CgroupId T::*kCgroup>
  static json_t* json_of(ByCgroup<T, kCgroup>& values) {
    return list_of(values);
  }
  template <class T, std::size_t N>
  static json_t* json_of(std::array<T, N>& values) {
    return list_of(values);
  }
  template <class T>
  static json_t* json_of(T& value) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return json_integer(static_cast<json_int_t>(value));
    } else {
      json_t* object = json_object();
      Writer writer(object);
      visit(writer, value);
      return object;
    }
  }

  json_t* object_;
};

// ---- JSON → values

class Reader {
 public:
  explicit Reader(const json_t* object) : object_(object) {}

  // Missing members keep their defaults.
  template <class T>
  void operator()(const char* name, T& value) {
    const json_t* json = json_object_get(object_, name);
    if (json && wrong_.empty() && !read(json, value)) wrong_ = name;
  }
  // The member that is not what it should be, or "".
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  static bool read(const json_t* json, bool& value) {
    value = json_is_true(json);
    return json_is_boolean(json);
  }
  static bool read(const json_t* json, double& value) {
    value = json_number_value(json);
    return json_is_number(json) && std::isfinite(value);
  }
  static bool read(const json_t* json, std::string& text) {
    if (!json_is_string(json)) return false;
    text.assign(json_string_value(json), json_string_length(json));
    return true;
  }
  static bool read(const json_t* json, Duration& time) {
    time = Duration(json_integer_value(json));
    return json_is_integer(json) && is_sane(time);
  }
  static bool read(const json_t* json, Instant& time) {
    time = Instant(Duration(json_integer_value(json)));
    return json_is_integer(json) && is_sane(time.time_since_epoch());
  }
  template <class T>
  static bool read(const json_t* json, std::optional<T>& value) {
    if (json_is_null(json)) return true;
    return read(json, value.emplace());
  }
  template <class T>
  static bool read(const json_t* json, std::vector<T>& values) {
    if (!json_is_array(json)) return false;
    for (std::size_t i = 0; i < json_array_size(json); ++i) {
      if (!read(json_array_get(json, i), values.emplace_back())) return false;
    }
    return true;
  }
  template <class T, CgroupId T::*kCgroup>
  static bool read(const json_t* json, ByCgroup<T, kCgroup>& values) {
    std::vector<T> list;
    if (!read(json, list)) return false;
    for (T& value : list) values.add(std::move(value));
    return true;
  }
  template <class T, std::size_t N>
  static bool read(const json_t* json, std::array<T, N>& values) {
    if (json_array_size(json) != N) return false;
    for (std::size_t i = 0; i < N; ++i) {
      if (!read(json_array_get(json, i), values[i])) return false;
    }
    return true;
  }
  template <class T>
  static bool read(const json_t* json, T& value) {
    if constexpr (std::is_enum_v<T>) {
      const json_int_t number = json_integer_value(json);
      if (number < 0 || number >= count_of(value)) return false;
      value = static_cast<T>(number);
      return json_is_integer(json);
    } else if constexpr (std::is_integral_v<T>) {
      const json_int_t number = json_integer_value(json);
      value = static_cast<T>(number);
      // Quotas and counts; identities may use every bit.
      const bool fits = static_cast<json_int_t>(value) == number;
      return json_is_integer(json) && fits &&
             (std::is_unsigned_v<T> || number >= 0);
    } else {
      if (!json_is_object(json)) return false;
      Reader reader(json);
      visit(reader, value);
      return reader.wrong_.empty();
    }
  }
  // Sums of some of them stay representable.
  static bool is_sane(Duration time) {
    return time >= Duration{} && time <= std::chrono::hours(24 * 365 * 100);
  }

  const json_t* object_;
  std::string wrong_;
};

bool has_lost_its_name(const CgroupId& id) { return id.path == kNotUtf8; }

}  // namespace

std::string to_text(const StateFile& file) {
  StateFile copy = file;  // the lists above are those of mutable members
  const Json json(json_object());
  json_object_set_new(json.get(), "format", json_string(kFormat));
  json_object_set_new(json.get(), "version", json_integer(kVersion));
  Writer writer(json.get());
  visit(writer, copy);
  return dump_json(json.get()) + "\n";
}

Result<StateFile> parse_state(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return fail(json);
  if (string_in(json->get(), "format") != kFormat ||
      number_in(json->get(), "version") != kVersion) {
    return fail(0, "no collectd-cpi state of a version known here");
  }
  StateFile file;
  Reader reader(json->get());
  visit(reader, file);
  if (!reader.wrong().empty()) {
    return fail(0, reader.wrong() + " is not what a policy holds");
  }
  file.state.throttles.erase_if([](const Throttle& throttle) {
    return has_lost_its_name(throttle.cgroup);
  });
  file.state.records.erase_if(
      [](const Record& record) { return has_lost_its_name(record.cgroup); });
  return file;
}

std::string state_path(const std::string& state_dir) {
  return state_dir + "/state.json";
}

std::string read_boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id", 100);
  if (!text) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *std::move(text);
}

}  // namespace cpi
