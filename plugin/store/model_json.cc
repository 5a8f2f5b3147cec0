#include "store/model_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include "store/json.h"

namespace cpi {
namespace {

constexpr const char* kFormat = "collectd-cpi model";
constexpr int kVersion = 1;

// What no model exceeds: usages up to 1000 hosts, and weights by far.
constexpr double kMaxUsage = 1001;
constexpr double kMaxWeight = 1e12;
constexpr double kMaxMean = 1e12;
constexpr double kMaxM2 = 1e40;
constexpr double kMinWidth = 1e-5;
constexpr double kMaxWidth = 1;
constexpr double kMaxSeconds = 1e9;
constexpr std::size_t kMaxExecutables = 64;

// Fowler, Noll, Vo: hash FNV-1a, 64 bits. Against damage, not against enemies.
std::string fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

// ---- values → JSON

json_t* json_of(const Moments& moments) {
  json_t* array = json_array();
  json_array_append_new(array, json_real(moments.weight));
  json_array_append_new(array, json_real(moments.mean));
  json_array_append_new(array, json_real(moments.m2));
  return array;
}

// What is not UTF-8 JSON cannot hold; it then fits nothing and is learned anew.
json_t* json_of(const std::string& text) {
  json_t* plain = json_stringn(text.data(), text.size());
  return plain ? plain : json_string("(not UTF-8)");
}

json_t* object_of(
    std::initializer_list<std::pair<const char*, json_t*>> members) {
  json_t* object = json_object();
  for (const auto& [name, value] : members) {
    json_object_set_new(object, name, value);
  }
  return object;
}

// Shortest numbers that read back exactly.
void append_rows(const Buckets& buckets, std::string& text) {
  for (const Bucket& bucket : buckets.all()) {
    const auto& [a, b] = bucket.folds;
    fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {} {}\n",
                   bucket.index, a.weight, a.mean, a.m2, b.weight, b.mean,
                   b.m2);
  }
}

json_t* json_of(const LearnerState& state) {
  const auto buckets = static_cast<json_int_t>(state.buckets.all().size());
  return object_of({{"deviations", json_real(state.deviations)},
                    {"observed_s", json_real(to_seconds(state.observed))},
                    {"samples", json_real(state.samples)},
                    {"idle_samples", json_real(state.idle_samples)},
                    {"seeded", json_boolean(state.seeded)},
                    {"noise", json_of(state.noise)},
                    {"persistence", json_of(state.persistence)},
                    {"buckets", json_integer(buckets)}});
}

json_t* json_of(const ModelKey& key) {
  return object_of({{"cpu_model", json_of(key.cpu_model)},
                    {"online_cpus", json_integer(key.online_cpus)},
                    {"smt", json_of(key.smt)},
                    {"events", json_of(key.events)},
                    {"window_s", json_real(to_seconds(key.window))},
                    {"bucket_width", json_real(key.bucket_width)},
                    {"wait_source", json_of(key.wait_source)}});
}

// ---- JSON → values

bool within(double value, double low, double high) {
  return std::isfinite(value) && value >= low && value <= high;
}

bool valid(const Moments& moments) {
  return within(moments.weight, 0, kMaxWeight) &&
         within(moments.mean, -kMaxMean, kMaxMean) &&
         within(moments.m2, 0, kMaxM2);
}

std::optional<Moments> moments_in(const json_t* array) {
  if (json_array_size(array) != 3) return std::nullopt;
  double values[3] = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const json_t* member = json_array_get(array, i);
    if (!json_is_number(member)) return std::nullopt;
    values[i] = json_number_value(member);
  }
  const Moments moments{values[0], values[1], values[2]};
  return valid(moments) ? std::optional(moments) : std::nullopt;
}

// The table behind the JSON, row by row.
class Rows {
 public:
  explicit Rows(std::string_view text)
      : at_(text.data()), end_(at_ + text.size()) {}

  // The next `count` rows, in ascending order, each with some weight.
  std::optional<Buckets> take(double count, double width) {
    Buckets buckets(width);
    int above = -1;
    for (; count >= 1; --count) {
      const auto bucket = bucket_of(next(), width);
      if (!bucket || bucket->index <= above) return std::nullopt;
      above = bucket->index;
      buckets.insert(bucket->index) = *bucket;
    }
    return buckets;
  }
  [[nodiscard]] bool done() const { return at_ == end_; }

 private:
  using Numbers = std::array<double, 7>;

  // Seven numbers with a blank between them, and a newline.
  std::optional<Numbers> next() {
    Numbers numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto [stop, error] = std::from_chars(at_, end_, numbers[i]);
      const char separator = i + 1 < numbers.size() ? ' ' : '\n';
      if (error != std::errc{} || stop == end_ || *stop != separator) {
        return std::nullopt;
      }
      at_ = stop + 1;
    }
    return numbers;
  }

  static std::optional<Bucket> bucket_of(const std::optional<Numbers>& row,
                                         double width) {
    if (!row) return std::nullopt;
    const Numbers& n = *row;
    Bucket bucket;
    bucket.folds = {Moments{n[1], n[2], n[3]}, Moments{n[4], n[5], n[6]}};
    const bool sound = within(n[0], 0, kMaxUsage / width) &&
                       std::floor(n[0]) == n[0] && valid(bucket.folds[0]) &&
                       valid(bucket.folds[1]) && n[1] + n[4] > 0;
    if (!sound) return std::nullopt;
    bucket.index = static_cast<int>(n[0]);
    return bucket;
  }

  const char* at_;
  const char* end_;
};

std::optional<double> number_within(const json_t* object, const char* name,
                                    double low, double high) {
  const auto number = number_in(object, name);
  return number && within(*number, low, high) ? number : std::nullopt;
}

std::optional<LearnerState> learner_in(const json_t* object, double width,
                                       Rows& rows) {
  const auto count = number_within(object, "buckets", 0, kMaxUsage / kMinWidth);
  auto buckets = rows.take(count.value_or(0), width);
  const auto deviations = number_within(object, "deviations", 1, 100);
  const auto observed = number_within(object, "observed_s", 0, kMaxSeconds);
  const auto samples = number_within(object, "samples", 0, kMaxWeight);
  const auto idle = number_within(object, "idle_samples", 0, kMaxWeight);
  const json_t* seeded = json_object_get(object, "seeded");
  const auto noise = moments_in(json_object_get(object, "noise"));
  const auto persistence = moments_in(json_object_get(object, "persistence"));
  const bool whole = count && buckets && deviations && observed && samples &&
                     idle && json_is_boolean(seeded) && noise && persistence;
  if (!whole) return std::nullopt;
  LearnerState state(*std::move(buckets));
  state.deviations = *deviations;
  state.observed = from_seconds(*observed);
  state.samples = *samples;
  state.idle_samples = *idle;
  state.seeded = json_is_true(seeded);
  state.noise = *noise;
  state.persistence = *persistence;
  return state;
}

std::optional<ModelKey> key_in(const json_t* object) {
  const auto cpu_model = string_in(object, "cpu_model");
  const auto online_cpus = number_within(object, "online_cpus", 0, 1e6);
  const auto smt = string_in(object, "smt");
  const auto events = string_in(object, "events");
  const auto window = number_within(object, "window_s", 0, kMaxSeconds);
  const auto width =
      number_within(object, "bucket_width", kMinWidth, kMaxWidth);
  const auto wait_source = string_in(object, "wait_source");
  const bool whole = cpu_model && online_cpus && smt && events && window &&
                     width && wait_source;
  if (!whole) return std::nullopt;
  return ModelKey{*cpu_model,  static_cast<int>(*online_cpus), *smt,
                  *events,     from_seconds(*window),          *width,
                  *wait_source};
}

// None where the file was written before they were.
std::optional<std::vector<std::string>> executables_in(const json_t* object) {
  const json_t* array = json_object_get(object, "executables");
  std::vector<std::string> executables;
  if (!array) return executables;
  if (!json_is_array(array) || json_array_size(array) > kMaxExecutables) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < json_array_size(array); ++i) {
    const json_t* member = json_array_get(array, i);
    if (!json_is_string(member)) return std::nullopt;
    executables.emplace_back(json_string_value(member),
                             json_string_length(member));
  }
  return executables;
}

// What follows the first line, once that has vouched for it.
Result<std::string_view> body_of(std::string_view text) {
  const auto newline = text.find('\n');
  if (newline == std::string_view::npos) return fail(0, "no header line");
  const auto header = parse_json(text.substr(0, newline));
  if (!header) return fail(header);
  const std::string_view body = text.substr(newline + 1);
  if (body.empty()) return fail(0, "nothing but a header");
  if (string_in(header->get(), "format") != kFormat) {
    return fail(0, "not a model of collectd-cpi");
  }
  if (number_in(header->get(), "version") != kVersion) {
    return fail(0, "made by another version");
  }
  if (number_in(header->get(), "length") != static_cast<double>(body.size())) {
    return fail(0, "cut short");
  }
  if (string_in(header->get(), "fnv1a") != fnv1a(body)) {
    return fail(0, "damaged: its hash differs");
  }
  return body;
}

}  // namespace

std::string body_text(const ModelFile& file) {
  const Json body(json_object());
  json_object_set_new(body.get(), "service", json_of(file.service));
  json_object_set_new(body.get(), "key", json_of(file.key));
  json_t* executables = json_array();
  for (const std::string& executable : file.executables) {
    json_array_append_new(executables, json_of(executable));
  }
  json_object_set_new(body.get(), "executables", executables);
  json_t* signals = json_object();
  for (int i = 0; i < kSignals; ++i) {
    if (!file.signals[i]) continue;
    const std::string name(to_string(static_cast<Signal>(i)));
    json_object_set_new(signals, name.c_str(), json_of(*file.signals[i]));
  }
  json_object_set_new(body.get(), "signals", signals);
  std::string text = dump_json(body.get()) + "\n";
  for (const auto& signal : file.signals) {
    if (signal) append_rows(signal->buckets, text);
  }
  return text;
}

std::string with_header(std::string_view body) {
  return fmt::format(
      R"({{"format":"{}","version":{},"length":{},"fnv1a":"{}"}})"
      "\n{}",
      kFormat, kVersion, body.size(), fnv1a(body), body);
}

std::string to_text(const ModelFile& file) {
  return with_header(body_text(file));
}

Result<ModelFile> parse_model(std::string_view text) {
  const auto body = body_of(text);
  if (!body) return fail(body);
  const auto newline = std::min(body->find('\n'), body->size() - 1);
  const auto json = parse_json(body->substr(0, newline));
  if (!json) return fail(json);
  const auto service = string_in(json->get(), "service");
  const auto key = key_in(json_object_get(json->get(), "key"));
  const json_t* signals = json_object_get(json->get(), "signals");
  if (!service || !key || !json_is_object(signals)) {
    return fail(0, "service, key or signals are missing or invalid");
  }
  auto executables = executables_in(json->get());
  if (!executables) return fail(0, "executables are invalid");
  Rows rows(body->substr(newline + 1));
  ModelFile file;
  file.service = *service;
  file.key = *key;
  file.executables = *std::move(executables);
  for (int i = 0; i < kSignals; ++i) {
    const std::string name(to_string(static_cast<Signal>(i)));
    const json_t* learner = json_object_get(signals, name.c_str());
    if (!learner) continue;
    file.signals[i] = learner_in(learner, key->bucket_width, rows);
    if (!file.signals[i]) return fail(0, "signal " + name + " is invalid");
  }
  if (!rows.done()) return fail(0, "more buckets than were announced");
  return file;
}

}  // namespace cpi
