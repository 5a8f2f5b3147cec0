#include "actuator/lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>

namespace cpi::actuator {
namespace {

constexpr const char* kName = "lock";
constexpr timespec kPause{0, 10'000'000};
constexpr int kTries = 200;  // × 10 ms
constexpr int kDeathMs = 500;

UniqueFd open_lock(int state_directory) {
  return UniqueFd(::openat(state_directory, kName,
                           O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

// Locked, and still the file of that name: a rescue may have removed it.
bool try_lock(int state_directory, const UniqueFd& file) {
  struct flock range = whole_file();
  struct stat held {};
  struct stat named {};
  return ::fcntl(file.get(), F_SETLK, &range) == 0 &&
         ::fstat(file.get(), &held) == 0 &&
         ::fstatat(state_directory, kName, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

Exit wait_for_lock(int state_directory, UniqueFd* lock) {
  for (int i = 0; i < kTries; ++i) {
    if (i != 0) ::nanosleep(&kPause, nullptr);
    *lock = open_lock(state_directory);
    if (!lock->valid()) return Exit::io;
    if (try_lock(state_directory, *lock)) return Exit::done;
  }
  return Exit::busy;
}

pid_t holder_of(const UniqueFd& file) {
  struct flock range = whole_file();
  if (::fcntl(file.get(), F_GETLK, &range) != 0) return 0;
  return range.l_type == F_UNLCK ? 0 : range.l_pid;
}

using Link = Text<4095>;
bool read_program(const char* link, Link* program) {
  ssize_t size = ::readlink(link, program->bytes, sizeof program->bytes - 1);
  if (size <= 0 || size == sizeof program->bytes - 1) return false;
  program->size = static_cast<std::size_t>(size);
  return true;
}

// Does `pid` run this program? One that was replaced by an update while it ran
// is still ours: the kernel then appends a remark to its name.
bool is_this_program(pid_t pid) {
  static Link own;
  static Link other;
  char link[32];
  std::snprintf(link, sizeof link, "/proc/%d/exe", static_cast<int>(pid));
  if (!read_program("/proc/self/exe", &own) || !read_program(link, &other))
    return false;
  return own.view() == other.view() ||
         (own.append(" (deleted)") && own.view() == other.view());
}

// Kills the holder. The descriptor pins the process between looking and
// killing; that it still holds the lock after it was opened proves that it is
// the process we asked about and not a later one of the same number.
bool kill_holder(const UniqueFd& file, Report* report) {
  pid_t pid = holder_of(file);
  if (pid <= 0) return true;
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (holder_of(file) != pid) return true;
  if (!process.valid() || !is_this_program(pid)) return false;
  if (::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) != 0)
    return false;
  (void)report->say(Exit::done, "killed process %d, which held the lock",
                    static_cast<int>(pid));
  pollfd death{process.get(), POLLIN, 0};
  (void)::poll(&death, 1, kDeathMs);
  return true;
}

}  // namespace

Exit take_lock(int state_directory, bool rescue, UniqueFd* lock,
               Report* report) {
  Exit exit = wait_for_lock(state_directory, lock);
  if (exit == Exit::busy && rescue && kill_holder(*lock, report)) {
    *lock = open_lock(state_directory);
    if (lock->valid() && try_lock(state_directory, *lock)) return Exit::done;
    // Frozen by the v1 freezer it dies only when thawed, but it will not run
    // another instruction of ours: its lock protects nothing any more.
    if (::unlinkat(state_directory, kName, 0) != 0) return Exit::io;
    exit = wait_for_lock(state_directory, lock);
  }
  if (exit == Exit::busy)
    return report->say(exit, "another call holds the lock%s",
                       rescue ? "" : "; root's restore would end it");
  if (exit == Exit::io) return report->say(exit, "the lock cannot be opened");
  return exit;
}

}  // namespace cpi::actuator
