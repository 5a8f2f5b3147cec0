#include "counters/directory_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "counters/files.h"

namespace cpi {
namespace {

constexpr std::uint32_t kEvents =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

// True if any of these events concerns a directory, or some were lost.
bool concerns_directories(const char* events, std::size_t size) {
  for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
    inotify_event event;
    std::memcpy(&event, events + at, sizeof event);
    if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
    if ((event.mask & IN_ISDIR) != 0 && (event.mask & kEvents) != 0) {
      return true;
    }
    at += sizeof event + event.len;
  }
  return false;
}

Error watch_error(int code) {
  const bool full = code == ENOSPC || code == EMFILE;
  return {
      code, "watch cgroups with inotify; scanning them every time instead",
      full ? "raise fs.inotify.max_user_watches and max_user_instances" : ""};
}

}  // namespace

DirectoryWatch::DirectoryWatch()
    : fd_(move_high(UniqueFd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)))) {
  if (!fd_.valid()) give_up(watch_error(errno));
}

bool DirectoryWatch::changed() {
  if (!fd_.valid()) return true;
  bool any = fresh_;
  fresh_ = false;
  std::array<char, 16384> events;
  while (true) {
    const ssize_t size = ::read(fd_.get(), events.data(), events.size());
    if (size <= 0) return any;
    any |= concerns_directories(events.data(), static_cast<std::size_t>(size));
    // What fits into the buffer so easily was all there was.
    if (static_cast<std::size_t>(size) < events.size() / 2) return any;
  }
}

void DirectoryWatch::add(const std::string& directory) {
  if (!fd_.valid()) return;
  const int watch =
      ::inotify_add_watch(fd_.get(), directory.c_str(), kEvents | IN_ONLYDIR);
  if (watch >= 0) {
    rounds_[watch] = round_;
  } else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
    give_up(watch_error(errno));
  }
}

void DirectoryWatch::end_round() {
  std::erase_if(rounds_, [this](const auto& entry) {
    const auto& [watch, round] = entry;
    if (round == round_) return false;
    ::inotify_rm_watch(fd_.get(), watch);
    return true;
  });
}

void DirectoryWatch::give_up(Error problem) {
  fd_.reset();
  rounds_.clear();
  problem_ = std::move(problem);
}

}  // namespace cpi
