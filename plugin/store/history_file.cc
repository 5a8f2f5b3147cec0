#include "store/history_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "store/model_json.h"

namespace cpi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWindows = ".windows";
constexpr std::string_view kEvents = ".events";
constexpr std::string_view kTotals = ".totals";
// Handed over and not written: an hour of fifty services.
constexpr std::size_t kMaxWaiting = 20'000;

template <class Record>
RingShape shape_of(std::string_view kind, std::uint32_t capacity) {
  return {kind, sizeof(Record) + 8, capacity};
}
RingShape windows_shape(std::uint32_t capacity = 1) {
  return shape_of<WindowRecord>("windows/1", capacity);
}
RingShape events_shape(std::uint32_t capacity = 1) {
  return shape_of<EventRecord>("events/1", capacity);
}
RingShape totals_shape(std::uint32_t capacity = 1) {
  return shape_of<TotalRecord>("totals/1", capacity);
}

// The file of a service's model, without its extension.
std::string stem_of(const std::string& directory, const std::string& service) {
  return fs::path(model_path(directory, service)).replace_extension();
}

template <class Record>
Bytes bytes_of(const Record& record) {
  return std::as_bytes(std::span(&record, 1));
}

// "%2F" → "/"; the inverse of model_path.
std::string decoded(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    unsigned byte = 0;
    if (name[i] == '%' && i + 2 < name.size() &&
        std::sscanf(std::string(name.substr(i + 1, 2)).c_str(), "%2X", &byte) ==
            1) {
      text += static_cast<char>(byte);
      i += 2;
    } else {
      text += name[i];
    }
  }
  return text;
}

// Times that a calendar can show: 1970 to 2286.
bool is_time(std::int64_t time_ms) {
  constexpr std::int64_t kEnd = 10'000'000'000'000;
  return time_ms >= 0 && time_ms < kEnd;
}

bool is_sound(const WindowRecord& record) {
  const auto bounded = [](float value) {
    return std::isnan(value) || std::abs(value) < 1e12F;
  };
  return is_time(record.time_ms) && bounded(record.usage) &&
         bounded(record.value) && bounded(record.expected) &&
         bounded(record.standard_deviation) && bounded(record.deviations) &&
         bounded(record.cpu_wait) && bounded(record.wait_deviation) &&
         bounded(record.latency) && bounded(record.running_ratio) &&
         bounded(record.throttled);
}
bool is_sound(const EventRecord& record) {
  using Kind = EventRecord::Kind;
  return is_time(record.time_ms) && is_time(record.incident_ms) &&
         record.kind >= Kind::opened && record.kind <= Kind::refuted;
}
bool is_sound(const TotalRecord& record) { return is_time(record.begin_ms); }

template <class Record>
void read_into(std::vector<Record>& records, const std::string& path,
               const RingShape& shape, std::vector<std::string>& remarks) {
  const auto ring = read_ring(path, shape);
  if (!ring) {
    if (ring.error().code != ENOENT) remarks.push_back(ring.error().message());
    return;
  }
  records.resize(ring->count);
  if (!records.empty()) {
    std::memcpy(records.data(), ring->bytes.data(), ring->bytes.size());
  }
  const std::size_t unsound = std::erase_if(
      records, [](const Record& record) { return !is_sound(record); });
  if (const std::size_t skipped = unsound + ring->damaged; skipped > 0) {
    remarks.push_back(
        fmt::format("{}: {} damaged records are left out", path, skipped));
  }
}

}  // namespace

std::vector<std::string> services_with_history(const std::string& directory) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    const std::string kind = path.extension();
    if (kind == kWindows || kind == kEvents || kind == kTotals) {
      names.insert(decoded(path.stem().string()));
    }
  }
  return {names.begin(), names.end()};
}

ServiceHistory read_history(const std::string& directory,
                            const std::string& service) {
  ServiceHistory history;
  history.service = service;
  const auto path = [stem =
                         stem_of(directory, service)](std::string_view kind) {
    return stem + std::string(kind);
  };
  auto& remarks = history.remarks;
  read_into(history.windows, path(kWindows), windows_shape(), remarks);
  read_into(history.events, path(kEvents), events_shape(), remarks);
  read_into(history.totals, path(kTotals), totals_shape(), remarks);
  return history;
}

HistoryWriter::HistoryWriter(const std::string& directory,
                             const std::vector<std::string>& services,
                             const Size& size, LogSink log)
    : complaints_(std::move(log)) {
  for (const std::string& service : services) {
    const std::string stem = stem_of(directory, service);
    files_.push_back(
        {service,
         RingFile(stem + std::string(kWindows), windows_shape(size.windows)),
         RingFile(stem + std::string(kEvents), events_shape(size.events)),
         RingFile(stem + std::string(kTotals), totals_shape(size.totals)),
         {}});
  }
}

// Neither thread ever waits here: whoever does makes the other one wake it,
// which is a system call.
void HistoryWriter::hand_over(HistoryPage& page) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  const std::size_t waiting = lock.owns_lock() ? waiting_.size() : 0;
  if (page.size() + waiting > kMaxWaiting) {
    const std::size_t lost = page.lost + page.size();
    page.clear();
    page.lost = lost;
  }
  if (lock.owns_lock()) waiting_.take(page);
}

void HistoryWriter::write() {
  {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    std::swap(waiting_, writing_);
  }
  if (writing_.lost > 0) {
    complaints_.raise("", Severity::warning,
                      fmt::format("the history lacks {} records: the disk did "
                                  "not keep up",
                                  writing_.lost));
  }
  for (std::size_t i = 0; i < files_.size(); ++i) tell(files_[i], write(i));
  writing_.clear();
}

Result<> HistoryWriter::write(std::size_t service) {
  Files& files = files_[service];
  auto done = Result<>();
  for (const auto& [of, record] : writing_.windows) {
    if (of == service && done) done = files.windows.append(bytes_of(record));
  }
  for (const auto& [of, record] : writing_.events) {
    if (of == service && done) done = files.events.append(bytes_of(record));
  }
  for (const auto& [of, record] : writing_.totals) {
    if (of == service && done) done = write_total(files, record);
  }
  return done;
}

Result<> HistoryWriter::write_total(Files& files, const TotalRecord& total) {
  if (total.begin_ms == files.quarter.begin_ms) {
    files.quarter += total;
    return files.totals.replace_newest(bytes_of(files.quarter));
  }
  files.quarter = total;
  return files.totals.append(bytes_of(total));
}

void HistoryWriter::tell(Files& files, const Result<>& written) {
  for (RingFile* file : {&files.windows, &files.events, &files.totals}) {
    if (const std::string remark = file->take_remark(); !remark.empty()) {
      complaints_.raise("remark " + files.service, Severity::warning,
                        "history of " + files.service + ": " + remark);
    }
  }
  if (written) {
    complaints_.settle(files.service,
                       "the history of " + files.service + " is kept again");
  } else {
    complaints_.raise(files.service, Severity::error,
                      "the history of " + files.service +
                          " is not kept: " + written.error().message());
  }
}

}  // namespace cpi
