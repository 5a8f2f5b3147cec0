#include "actuator/lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
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
constexpr const char* kOwnProgram = "/proc/self/exe";

UniqueFd open_lock(int state_directory) {
  return UniqueFd(::openat(state_directory, kName,
                           O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

// The bytes of the file that are locked. Who holds kWork works; but who finds
// kRescue taken by another after that has to let go again. So a rescuer who
// holds kRescue, and then sees that kWork belongs to a process which will not
// run again, is alone.
enum Byte : off_t { kWork, kRescue };

struct flock range_of(Byte byte, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return range;
}

bool set(const UniqueFd& file, Byte byte, short type) {
  struct flock range = range_of(byte, type);
  return ::fcntl(file.get(), F_SETLK, &range) == 0;
}

// The other process that holds it; 0 when none does, −1 when it cannot be told.
pid_t holder_of(const UniqueFd& file, Byte byte) {
  struct flock range = range_of(byte, F_WRLCK);
  if (::fcntl(file.get(), F_GETLK, &range) != 0) return -1;
  return range.l_type == F_UNLCK ? 0 : range.l_pid;
}

bool try_work(const UniqueFd& file) {
  if (!set(file, kWork, F_WRLCK)) return false;
  if (holder_of(file, kRescue) == 0) return true;
  (void)set(file, kWork, F_UNLCK);
  return false;
}

bool wait_for_work(const UniqueFd& file) {
  for (int i = 0; i < kTries; ++i) {
    if (i != 0) ::nanosleep(&kPause, nullptr);
    if (try_work(file)) return true;
  }
  return false;
}

using Link = Text<4095>;
bool read_program(const char* link, Link* program) {
  ssize_t size = ::readlink(link, program->bytes, sizeof program->bytes - 1);
  if (size <= 0 || size == sizeof program->bytes - 1) return false;
  program->size = static_cast<std::size_t>(size);
  return true;
}

// Does `pid` run this program? By another name (a hard link, a mount) the file
// is the same; one that was replaced by an update while it ran is still ours by
// its name, to which the kernel then appends a remark.
bool is_this_program(pid_t pid) {
  static Link own;
  static Link other;
  struct stat own_file {};
  struct stat other_file {};
  char link[32];
  (void)std::snprintf(link, sizeof link, "/proc/%d/exe", static_cast<int>(pid));
  if (::stat(kOwnProgram, &own_file) != 0 || ::stat(link, &other_file) != 0 ||
      !read_program(kOwnProgram, &own) || !read_program(link, &other))
    return false;
  return (own_file.st_dev == other_file.st_dev &&
          own_file.st_ino == other_file.st_ino) ||
         (own.append(" (deleted)") && own.view() == other.view());
}

// Could `pid` still run, however slowly? Then a system call that it was in the
// middle of may yet be completed. True as well when that cannot be told.
bool is_runnable(pid_t pid) {
  char name[32];
  char text[128];
  (void)std::snprintf(name, sizeof name, "/proc/%d/stat",
                      static_cast<int>(pid));
  UniqueFd file(::open(name, O_RDONLY | O_CLOEXEC));
  ssize_t size = file.valid() ? ::read(file.get(), text, sizeof text) : 0;
  std::string_view fields(text, static_cast<std::size_t>(std::max(size, 0L)));
  std::size_t name_end = fields.rfind(") ");
  return name_end == std::string_view::npos || name_end + 2 >= fields.size() ||
         fields[name_end + 2] == 'R';
}

// Kills a process that runs this program and holds kWork; false when it may
// live on. The descriptor pins the process: that it still holds the lock after
// it was opened proves it the one we looked at, not a later one of its number.
bool kill_holder(const UniqueFd& file, pid_t pid) {
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid() || holder_of(file, kWork) != pid ||
      !is_this_program(pid) ||
      ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) != 0)
    return false;
  pollfd death{process.get(), POLLIN, 0};
  return ::poll(&death, 1, kDeathMs) == 1 || !is_runnable(pid);
}

// Frozen by the v1 freezer the holder dies only when it is thawed; its lock is
// then as good as ours, for it will not run another instruction of its own.
bool rescue_work(const UniqueFd& file, Report* report) {
  if (!set(file, kRescue, F_WRLCK)) return false;
  pid_t pid = holder_of(file, kWork);
  if (pid > 0 && !kill_holder(file, pid)) return false;
  if (pid > 0) {
    (void)report->say(Exit::done, "killed process %d, which held the lock",
                      static_cast<int>(pid));
  }
  return set(file, kWork, F_WRLCK) ||
         (pid > 0 && holder_of(file, kWork) == pid);
}

}  // namespace

Exit take_lock(int state_directory, bool rescue, UniqueFd* lock,
               Report* report) {
  *lock = open_lock(state_directory);
  if (!lock->valid()) return report->say(Exit::io, "the lock cannot be opened");
  if (wait_for_work(*lock) || (rescue && rescue_work(*lock, report)))
    return Exit::done;
  return report->say(Exit::busy, "another call holds the lock%s",
                     rescue ? "" : "; root's restore would end it");
}

}  // namespace cpi::actuator
