#include "counters/main_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "counters/files.h"

namespace cpi {
namespace {

constexpr int kMaxDepth = 4;

// Positions in /proc/PID/stat behind the command's name, from 0 (proc(5)).
constexpr std::size_t kState = 0;
constexpr std::size_t kStartTime = 19;

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) all.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

Duration from_ticks(std::uint64_t ticks) {
  static const auto per_second =
      static_cast<std::uint64_t>(std::max(::sysconf(_SC_CLK_TCK), 1L));
  return std::chrono::nanoseconds(ticks / per_second * 1'000'000'000 +
                                  ticks % per_second * 1'000'000'000 /
                                      per_second);
}

// The oldest process of the cgroup and its descendants.
std::optional<MainProcess> oldest(const std::string& proc,
                                  const std::string& directory, int depth) {
  std::optional<MainProcess> first;
  const auto consider = [&first](const std::optional<MainProcess>& process) {
    if (process && (!first || process->started < first->started)) {
      first = process;
    }
  };
  const auto pids = read_file(directory + "/cgroup.procs");
  for_each_line(pids.value_or(std::string()), [&](std::string_view line) {
    const auto pid = parse_number(line);
    if (pid) consider(read_process(proc, static_cast<int>(*pid)));
  });
  if (depth == 0) return first;
  const auto children = list_directories(directory);
  if (!children) return first;
  for (const std::string& child : *children) {
    consider(oldest(proc, directory + "/" + child, depth - 1));
  }
  return first;
}

bool is_pod(std::string_view component) {
  // "pod4f5e…", "kubepods-burstable-pod4f5e_….slice"
  const auto at = component.rfind("pod");
  if (at == std::string_view::npos) return false;
  if (at > 0 && component[at - 1] != '-') return false;
  constexpr std::size_t kShortestUid = 32;
  const std::string_view uid = component.substr(at + 3);
  const auto digits = std::count_if(uid.begin(), uid.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return digits >= static_cast<std::ptrdiff_t>(kShortestUid);
}

}  // namespace

std::string pod_of(std::string_view path) {
  std::size_t end = 0;
  while (end < path.size()) {
    const std::size_t begin = end + 1;
    end = std::min(path.find('/', begin), path.size());
    if (is_pod(path.substr(begin, end - begin))) {
      return std::string(path.substr(0, end));
    }
  }
  return {};
}

std::optional<MainProcess> read_process(const std::string& proc, int pid) {
  const auto text = read_file(fmt::format("{}/{}/stat", proc, pid));
  if (!text) return std::nullopt;
  const auto name_end = text->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = words(std::string_view(*text).substr(name_end + 1));
  if (fields.size() <= kStartTime || fields[kState] == "Z" ||
      fields[kState] == "X") {
    return std::nullopt;
  }
  const auto ticks = parse_number(fields[kStartTime]);
  if (!ticks) return std::nullopt;
  return MainProcess{pid, from_ticks(*ticks)};
}

std::vector<MainProcess> find_mains(const std::string& proc,
                                    const std::string& directory, bool pod) {
  std::vector<MainProcess> mains;
  if (!pod) {
    if (const auto main = oldest(proc, directory, kMaxDepth)) {
      mains.push_back(*main);
    }
    return mains;
  }
  const auto containers = list_directories(directory);
  if (!containers) return mains;
  for (const std::string& container : *containers) {
    const auto main = oldest(proc, directory + "/" + container, kMaxDepth);
    if (main) mains.push_back(*main);
  }
  return mains;
}

void ProcessWatch::watch(const std::vector<MainProcess>& mains) {
  ends_.clear();
  blind_ = mains.empty();
  for (const MainProcess& main : mains) {
    // pidfd_open(2), which sets close-on-exec; glibc 2.36 has no wrapper in
    // older releases that this builds on.
    UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, main.pid, 0)));
    blind_ = blind_ || !end.valid();
    if (end.valid()) ends_.push_back(move_high(std::move(end)));
  }
}

bool ProcessWatch::ended() const {
  if (blind_) return true;
  std::vector<pollfd> polled;
  polled.reserve(ends_.size());
  for (const UniqueFd& end : ends_) polled.push_back({end.get(), POLLIN, 0});
  return ::poll(polled.data(), polled.size(), 0) != 0;
}

}  // namespace cpi
