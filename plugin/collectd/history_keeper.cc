#include "collectd/history_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

namespace cpi {
namespace {

constexpr auto kLook = std::chrono::seconds(1);

std::vector<std::string> names_of(const Config& config) {
  std::vector<std::string> names;
  for (const auto& service : config.services) names.push_back(service.name);
  return names;
}

HistoryWriter::Size size_of(const Config& config, Duration interval) {
  const double windows =
      to_seconds(config.store.history) / std::max(to_seconds(interval), 1.0);
  HistoryWriter::Size size;
  size.windows = static_cast<std::uint32_t>(std::max(windows, 1.0));
  return size;
}

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

HistoryKeeper::HistoryKeeper(const Config& config, const std::string& state_dir,
                             Duration interval, LogSink log)
    : chronicle_(names_of(config)),
      writer_(state_dir + "/history", names_of(config),
              size_of(config, interval), log),
      log_(std::move(log)) {
  if (config.store.history <= Duration(0) || config.services.empty()) return;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    log_(Severity::error,
         fmt::format("no thread to keep a history: {}", error.what()));
  }
}

HistoryKeeper::~HistoryKeeper() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  writer_.hand_over(chronicle_.page());
  write();
}

void HistoryKeeper::keep(const Tick& tick) {
  if (!thread_.joinable()) return;
  chronicle_.write(tick, wall_clock_ms());
  writer_.hand_over(chronicle_.page());
}

void HistoryKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLook, [this] { return stopping_; })) write();
}

// An exception would end the thread, and the daemon with it.
void HistoryKeeper::write() noexcept try {
  writer_.write();
} catch (const std::exception& error) {
  log_(Severity::error,
       fmt::format("a part of the history is lost: {}", error.what()));
} catch (...) {
}

}  // namespace cpi
