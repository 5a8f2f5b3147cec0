#include "counters/trace.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "counters/files.h"

namespace cpi {
namespace {

enum Column { kId, kTime, kUsage, kCpi, kColumns };
constexpr std::array<std::string_view, kColumns> kNames = {"id", "timestamp_s",
                                                           "cpu_usage", "cpi"};
constexpr double kMaxSeconds = 9e9;  // of what a Duration can hold
constexpr double kMaxCpi = 1e4;

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

// A number that is the whole field, finite, within [least, most].
std::optional<double> parse(std::string_view field, double least, double most) {
  double number = 0;
  const char* end = field.data() + field.size();
  const auto [last, error] = std::from_chars(field.data(), end, number);
  const bool whole = error == std::errc() && last == end;
  if (!whole || !(number >= least && number <= most)) return std::nullopt;
  return number;
}

class Parser {
 public:
  explicit Parser(const std::string& name) : name_(name) {}

  Result<> header(std::string_view line) {
    columns_ = split(line);
    for (int i = 0; i < kColumns; ++i) {
      const auto found = std::find(columns_.begin(), columns_.end(), kNames[i]);
      if (found == columns_.end()) {
        return wrong(fmt::format("no column \"{}\"", kNames[i]),
                     "a header with id,timestamp_s,cpu_usage,cpi");
      }
      at_[i] = static_cast<std::size_t>(found - columns_.begin());
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (is_label(i)) trace_.labels.emplace_back(columns_[i]);
    }
    return {};
  }

  Result<> row(std::string_view line) {
    ++line_;
    if (line.empty() || line == "\r") return {};
    const auto fields = split(line);
    if (fields.size() != columns_.size()) {
      return wrong(fmt::format("{} fields", fields.size()),
                   fmt::format("{} as in the header", columns_.size()));
    }
    TraceRow row;
    row.id = fields[at_[kId]];
    if (row.id.empty()) return wrong("empty id", "a name");
    const auto time = parse(fields[at_[kTime]], 0, kMaxSeconds);
    const auto usage = parse(fields[at_[kUsage]], 0, 1);
    const auto cpi = parse(fields[at_[kCpi]], 0, kMaxCpi);
    if (!time) return wrong_number(fields, kTime, "seconds since some start");
    if (!usage) return wrong_number(fields, kUsage, "a fraction of 0 to 1");
    if (!cpi || *cpi == 0) return wrong_number(fields, kCpi, "above 0");
    row.time = Instant(from_seconds(*time));
    row.cpu_usage = *usage;
    row.cpi = *cpi;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (is_label(i)) row.labels.emplace_back(fields[i]);
    }
    return add(std::move(row));
  }

  Result<Trace> finish() {
    if (trace_.rows.empty()) return fail(wrong("no rows", "at least one"));
    std::stable_sort(
        trace_.rows.begin(), trace_.rows.end(),
        [](const auto& a, const auto& b) { return a.time < b.time; });
    return std::move(trace_);
  }

 private:
  Result<> add(TraceRow row) {
    const auto [last, first] = last_.try_emplace(row.id, row.time);
    if (!first && row.time <= last->second) {
      return wrong(fmt::format("time of {} does not advance", row.id),
                   "each id in the order of time");
    }
    last->second = row.time;
    trace_.rows.push_back(std::move(row));
    return {};
  }

  [[nodiscard]] bool is_label(std::size_t column) const {
    return std::find(at_.begin(), at_.end(), column) == at_.end();
  }

  [[nodiscard]] Result<> wrong_number(
      const std::vector<std::string_view>& fields, Column column,
      const char* expected) const {
    return wrong(fmt::format("{} \"{}\"", kNames[column], fields[at_[column]]),
                 expected);
  }

  [[nodiscard]] Result<> wrong(const std::string& what,
                               const std::string& expected) const {
    return fail(
        0, fmt::format("{}:{}: {}, expected {}", name_, line_, what, expected));
  }

  const std::string& name_;
  int line_ = 1;
  std::vector<std::string_view> columns_;
  std::array<std::size_t, kColumns> at_ = {};
  std::unordered_map<std::string, Instant> last_;
  Trace trace_;
};

}  // namespace

Result<Trace> parse_trace(std::string_view text, const std::string& name) {
  Parser parser(name);
  const std::size_t end = std::min(text.find('\n'), text.size());
  auto parsed = parser.header(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  while (parsed && !text.empty()) {
    const std::size_t stop = std::min(text.find('\n'), text.size());
    parsed = parser.row(text.substr(0, stop));
    text.remove_prefix(std::min(stop + 1, text.size()));
  }
  if (!parsed) return fail(parsed);
  return parser.finish();
}

Result<Trace> read_trace(const std::string& path) {
  const auto text = read_large_file(path);
  if (!text) return fail(text);
  return parse_trace(*text, path);
}

std::vector<std::vector<TraceRow>> rows_by_id(std::vector<TraceRow> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<std::vector<TraceRow>> ids;
  for (TraceRow& row : rows) {
    if (ids.empty() || ids.back().front().id != row.id) ids.emplace_back();
    ids.back().push_back(std::move(row));
  }
  return ids;
}

}  // namespace cpi
