#include "counters/watched_cgroup.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cpi {

Result<> WatchedCgroup::settle(Placement placement) {
  const bool same_counters = placement_ && placement_->perf && placement.perf &&
                             *placement_->perf == *placement.perf;
  if (!same_counters) {
    stop_counting(placement.perf ? "" : placement.perf.error().message());
  }
  const bool same_files = placement_ &&
                          placement_->primary == placement.primary &&
                          placement_->cpu_time == placement.cpu_time &&
                          placement_->pressure == placement.pressure;
  if (!same_files) files_.clear();
  placement_ = std::move(placement);
  Result<> first;
  const auto open = [&](const std::optional<Place>& place, Question question) {
    if (!place) return;
    auto opened = open_file(*place, question);
    if (!opened && first) first = std::move(opened);
  };
  // Nobody asks why or how long a batch waits.
  if (block().service) {
    open(placement_->primary, Question::quota);
    open(placement_->pressure, Question::pressure);
  }
  open(placement_->cpu_time, Question::cpu_time);
  return first;
}

Result<> WatchedCgroup::open_file(const Place& place, Question question) {
  const FileLayout& answer = layout(question, place.unified);
  std::string path = fmt::format("{}/{}", place.directory, answer.name);
  const bool nothing_to_ask = answer.name.empty();
  const bool is_open =
      std::any_of(files_.begin(), files_.end(),
                  [&](const Watched& watched) { return watched.path == path; });
  if (nothing_to_ask || is_open) return {};
  auto file = KeptFile::open(path);
  if (file) {
    files_.push_back({std::move(path), *std::move(file), &answer});
    return {};
  }
  // This kernel or this cgroup does not answer this question.
  if (file.error().code == ENOENT) return {};
  return fail(file);
}

Result<> WatchedCgroup::count(const Counting& counting, std::uint64_t epoch) {
  if (!placement_->perf) {
    return fail(placement_->perf);
  }
  auto counters = counting.open(placement_->perf->directory);
  if (!counters) {
    stop_counting(counters.error().message());
    return fail(counters);
  }
  counters_ = *std::move(counters);
  epoch_ = epoch;
  uncounted_.clear();
  return {};
}

void WatchedCgroup::stop_counting(std::string reason) {
  counters_.reset();
  uncounted_ = block().counted ? std::move(reason) : std::string();
}

Result<> WatchedCgroup::pause() {
  if (!counters_) return {};
  return counters_->pause();
}

bool WatchedCgroup::read(Instant now, Reading& reading,
                         KeptFile::Buffer& buffer) {
  reading.cgroup = workload_.cgroup;
  reading.executable = program_.executable();
  reading.time = now;
  reading.cpu_time.reset();
  reading.throttled.reset();
  reading.waited.reset();
  for (const auto& [path, file, layout] : files_) {
    const auto text = file.read(buffer);
    if (!text) {
      if (text.error() == ENODEV) return false;
      continue;  // EOPNOTSUPP: pressure is switched off
    }
    for (const Field& field : layout->fields) {
      if (const auto value = field.find(*text, field.key)) {
        reading.*field.target = static_cast<Duration::rep>(*value) * field.unit;
      }
    }
  }
  if (const auto held = quotas_.read(buffer)) {
    reading.throttled = reading.throttled.value_or(Duration::zero()) + *held;
  }
  read_counters(reading);
  read_wait(now, reading);
  return true;
}

void WatchedCgroup::read_counters(Reading& reading) {
  reading.counts.clear();
  if (counters_) {
    const auto done = counters_->read(reading.counts);
    if (!done) stop_counting(done.error().message());
  }
  reading.epoch = epoch_;
  reading.uncounted = uncounted_;
}

void WatchedCgroup::read_wait(Instant now, Reading& reading) {
  reading.wait_source = reading.waited ? WaitSource::psi : WaitSource::none;
  if (reading.waited || !block().service) return;
  const Place& primary = placement_->primary;
  reading.waited =
      delay_.read(primary.directory, threads_file(primary.unified), now);
  reading.wait_source =
      reading.waited ? WaitSource::run_queue_delay : WaitSource::none;
}

}  // namespace cpi
