#include "counters/run_queue_delay.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "counters/files.h"

namespace cpi {
namespace {

constexpr int kMaxDepth = 32;

// "CPU-TIME DELAY TIMESLICES", nanoseconds (Documentation/scheduler/
// sched-stats).
std::optional<std::uint64_t> parse_delay(std::string_view schedstat) {
  const std::size_t first = schedstat.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  schedstat.remove_prefix(first + 1);
  return parse_number(schedstat.substr(0, schedstat.find(' ')));
}

}  // namespace

std::optional<Duration> RunQueueDelay::read(const std::string& directory,
                                            std::string_view threads_file,
                                            Instant now) {
  if (!last_) supported_ = read_file(proc_ + "/self/schedstat").has_value();
  if (!supported_) return std::nullopt;
  ++round_;
  most_ns_ = last_ ? static_cast<std::uint64_t>(
                         std::max<Duration::rep>(0, (now - *last_).count()))
                   : 0;
  last_ = now;
  add_cgroup(directory, threads_file, 0);
  std::erase_if(threads_, [this](const auto& entry) {
    return entry.second.round != round_;
  });
  return Duration(static_cast<Duration::rep>(sum_ns_));
}

void RunQueueDelay::add_cgroup(const std::string& directory,
                               std::string_view threads_file, int depth) {
  if (depth > kMaxDepth) return;
  if (const auto text =
          read_file(fmt::format("{}/{}", directory, threads_file))) {
    for_each_line(*text, [this](std::string_view line) {
      const auto tid = parse_number(line);
      if (tid && *tid != 0) add_thread(static_cast<int>(*tid));
    });
  }
  const auto children = list_directories(directory);
  if (!children) return;
  for (const std::string& child : *children) {
    add_cgroup(directory + "/" + child, threads_file, depth + 1);
  }
}

void RunQueueDelay::add_thread(int tid) {
  // /proc/TID is that thread's own view of its process, so /proc/TID/task/TID
  // needs no search for the process.
  const auto text =
      read_file(fmt::format("{}/{}/task/{}/schedstat", proc_, tid, tid));
  if (!text) return;  // it has ended
  const auto delay = parse_delay(*text);
  if (!delay) return;
  Thread& thread = threads_[tid];
  // A smaller total is another thread under a reused number.
  const std::uint64_t before = thread.delay_ns <= *delay ? thread.delay_ns : 0;
  sum_ns_ += std::min(*delay - before, most_ns_);
  thread = {*delay, round_};
}

}  // namespace cpi
