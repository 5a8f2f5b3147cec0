#include "store/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <optional>

#include "store/json.h"

namespace cpi {
namespace {

using Event = JournalEntry::Event;

constexpr mode_t kMode = 0640;
constexpr std::array kEvents = {Event::anomaly, Event::incident,
                                Event::recovery};

json_t* number(double value) {
  return std::isfinite(value) ? json_real(value) : json_null();
}

json_t* string(std::string_view text) {
  // A path may hold bytes that are no UTF-8; JSON cannot.
  json_t* plain = json_stringn(text.data(), text.size());
  return plain ? plain : json_string("(not UTF-8)");
}

std::optional<Event> event_named(const std::optional<std::string>& name) {
  for (const Event event : kEvents) {
    if (name == to_string(event)) return event;
  }
  return std::nullopt;
}

std::optional<Signal> signal_named(const std::optional<std::string>& name) {
  for (int i = 0; i < kSignals; ++i) {
    const auto signal = static_cast<Signal>(i);
    if (name == to_string(signal)) return signal;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Event event) {
  switch (event) {
    case Event::anomaly:
      return "anomaly";
    case Event::incident:
      return "incident";
    case Event::recovery:
      return "recovery";
  }
  return "unknown";
}

JournalEntry make_entry(Event event, double time_s, const Score& score,
                        const Incident* incident) {
  JournalEntry entry;
  entry.event = event;
  entry.time_s = time_s;
  entry.score = score;
  if (incident) {
    entry.rule = to_string(incident->rule);
    entry.incident_class = to_string(incident->incident_class);
    entry.deviation = incident->deviation;
    entry.excess = incident->excess;
    entry.lasted_s = to_seconds(incident->last - incident->onset);
  }
  return entry;
}

std::string to_line(const JournalEntry& entry) {
  const JsonMemory memory;
  const Json json(json_object());
  const auto set = [&](const char* name, json_t* value) {
    json_object_set_new(json.get(), name, value);
  };
  const Score& score = entry.score;
  set("event", string(to_string(entry.event)));
  set("time_s", number(entry.time_s));
  set("service", string(entry.service));
  set("cgroup", string(entry.cgroup));
  set("signal", string(to_string(score.signal)));
  set("usage", number(score.usage));
  set("value", number(score.value));
  set("expected", number(score.expected));
  set("standard_deviation", number(score.standard_deviation));
  set("deviation", number(score.deviation));
  set("basis", string(to_string(score.basis)));
  set("abnormal_distribution", json_boolean(score.abnormal_distribution));
  if (entry.event != Event::anomaly) {
    set("rule", string(entry.rule));
    set("class", string(entry.incident_class));
    set("mean_deviation", number(entry.deviation));
    set("excess", number(entry.excess));
    set("lasted_s", number(entry.lasted_s));
  }
  std::string line = dump_json(json.get()) + "\n";
  return memory.ran_out() ? std::string() : line;
}

Result<JournalEntry> parse_line(std::string_view line) {
  const auto json = parse_json(line);
  if (!json) return fail(json);
  const json_t* object = json->get();
  const auto event = event_named(string_in(object, "event"));
  const auto time = number_in(object, "time_s");
  const auto signal = signal_named(string_in(object, "signal"));
  const auto service = string_in(object, "service");
  if (!event || !time || !signal || !service) {
    return fail(0, "event, time_s, signal or service is missing or invalid");
  }
  JournalEntry entry;
  entry.event = *event;
  entry.time_s = *time;
  entry.service = *service;
  entry.cgroup = string_in(object, "cgroup").value_or("");
  entry.rule = string_in(object, "rule").value_or("");
  entry.incident_class = string_in(object, "class").value_or("");
  Score& score = entry.score;
  score.signal = *signal;
  const auto read = [&](const char* name, double& into) {
    into = number_in(object, name).value_or(into);
  };
  read("usage", score.usage);
  read("value", score.value);
  read("expected", score.expected);
  read("standard_deviation", score.standard_deviation);
  read("deviation", score.deviation);
  read("mean_deviation", entry.deviation);
  read("excess", entry.excess);
  read("lasted_s", entry.lasted_s);
  score.abnormal_distribution =
      json_is_true(json_object_get(object, "abnormal_distribution"));
  return entry;
}

Result<> Journal::open() {
  // Without O_NONBLOCK the open of a pipe waits for a reader.
  fd_.reset(::open(
      path_.c_str(),
      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
      kMode));
  struct stat info {};
  if (!fd_.valid() || ::fstat(fd_.get(), &info) != 0) {
    return fail(errno, "open " + path_);
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
  return {};
}

Result<> Journal::append(std::string_view line) {
  if (limit_ == 0) return {};
  if (!fd_.valid()) {
    if (auto opened = open(); !opened) return opened;
  }
  if (size_ > 0 && size_ + line.size() > limit_) {
    ::rename(path_.c_str(), (path_ + ".1").c_str());
    if (auto opened = open(); !opened) return opened;
  }
  const ssize_t written = ::write(fd_.get(), line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) {
    size_ += line.size();
    return {};
  }
  // Take back a part of a line; what cannot be taken back, later lines follow.
  const int code = written < 0 ? errno : ENOSPC;
  if (written > 0 && ::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) {
    size_ += static_cast<std::uint64_t>(written);
  }
  return fail(code, "write " + path_);
}

}  // namespace cpi
