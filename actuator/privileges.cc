#include "actuator/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace cpi::actuator {
namespace {

// Where there is no privilege to take, why.
const char* why_not_root() {
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
    return "no_new_privs is set; in a systemd unit NoNewPrivileges=, "
           "DynamicUser=, SystemCallFilter= and most Protect... and "
           "Restrict... options set it";
  }
  struct statvfs found {};
  if (::statvfs("/proc/self/exe", &found) == 0 &&
      (found.f_flag & ST_NOSUID) != 0)
    return "the program is on a file system mounted nosuid";
  return "the program is not owned by root with mode 4750";
}

// All three user ids become 0, so that the caller can no longer signal us. The
// groups need a capability that a bounding set may lack; files are made with
// mode 0600, so the caller's group gives him nothing.
bool become_root() {
  if (::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0) errno = 0;
  return ::geteuid() == 0 && ::setresuid(0, 0, 0) == 0;
}

// In a user namespace uid 0 is not root; in a cgroup namespace of the caller's
// the paths are not the host's. The kernel's first ones have fixed numbers.
bool in_first_namespaces() {
  constexpr ino_t kFirstUser = 0xEFFFFFFD;
  constexpr ino_t kFirstCgroup = 0xEFFFFFFB;
  struct stat user {};
  struct stat cgroup {};
  return ::stat("/proc/self/ns/user", &user) == 0 &&
         ::stat("/proc/self/ns/cgroup", &cgroup) == 0 &&
         user.st_ino == kFirstUser && cgroup.st_ino == kFirstCgroup;
}

// Nothing but SIGKILL and SIGSTOP, which only root can send now, gets through.
// Sleeps end when they should: an inherited timer slack could make days of ten
// milliseconds with the lock held.
bool silence_signals() {
  constexpr itimerval kNever{};
  constexpr unsigned long kUsualSlackNs = 50'000;
  sigset_t all;
  ::sigfillset(&all);
  return ::sigprocmask(SIG_SETMASK, &all, nullptr) == 0 &&
         ::prctl(PR_SET_TIMERSLACK, kUsualSlackNs, 0, 0, 0) == 0 &&
         ::setitimer(ITIMER_REAL, &kNever, nullptr) == 0 &&
         ::setitimer(ITIMER_VIRTUAL, &kNever, nullptr) == 0 &&
         ::setitimer(ITIMER_PROF, &kNever, nullptr) == 0;
}

// 0, 1 and 2 are open, so that nothing we open becomes one; the rest is shut.
bool tidy_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd)
      return false;
  }
  return ::close_range(3, ~0U, 0) == 0;
}

struct Need {
  int resource;
  const char* name;
  rlim_t least;
};

constexpr Need kNeeds[] = {
    {RLIMIT_FSIZE, "RLIMIT_FSIZE", 1 << 20},
    {RLIMIT_AS, "RLIMIT_AS", 64 << 20},
    {RLIMIT_DATA, "RLIMIT_DATA", 16 << 20},
    {RLIMIT_STACK, "RLIMIT_STACK", 256 << 10},
    {RLIMIT_NOFILE, "RLIMIT_NOFILE", 64},
};

// At least `least` from here on: by raising the limit, as far as that is
// allowed, and then by looking.
bool ensure_limit(int resource, rlim_t least) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return false;
  if (limit.rlim_cur >= least) return true;
  rlimit wanted{least, limit.rlim_max < least ? least : limit.rlim_max};
  return ::setrlimit(resource, &wanted) == 0 &&
         ::getrlimit(resource, &limit) == 0 && limit.rlim_cur >= least;
}

// The CPU limit counts what was used before we started.
bool ensure_cpu_time() {
  constexpr rlim_t kLeastSeconds = 5;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) != 0) return false;
  rlim_t spent =
      static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1);
  return ensure_limit(RLIMIT_CPU, spent + kLeastSeconds);
}

const char* missing_limit() {
  for (const Need& need : kNeeds)
    if (!ensure_limit(need.resource, need.least)) return need.name;
  return ensure_cpu_time() ? nullptr : "RLIMIT_CPU";
}

// uid 0 owns what it has to write; no capability is needed for it.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2]{};
  constexpr rlimit kNoCore{0, 0};
  return ::syscall(SYS_capset, &header, none) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         // A core would be root's memory in a place of the caller's choice.
         ::setrlimit(RLIMIT_CORE, &kNoCore) == 0 &&
         // Lets root's restore read /proc/PID/exe without a capability.
         ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

}  // namespace

Exit take_privileges(uid_t* caller, Report* report) {
  *caller = ::getuid();
  if (!become_root())
    return report->say(Exit::unavailable, "not root: %s", why_not_root());
  ::clearenv();
  ::umask(077);
  if (::chdir("/") != 0 || !silence_signals() || !tidy_descriptors())
    return report->say(Exit::unavailable, "cannot leave the caller's setting");
  if (!in_first_namespaces()) {
    return report->say(Exit::unavailable,
                       "in a user or cgroup namespace of its own");
  }
  if (const char* limit = missing_limit()) {
    return report->say(Exit::unavailable, "%s is too low and cannot be raised",
                       limit);
  }
  if (!drop_capabilities())
    return report->say(Exit::unavailable, "cannot drop capabilities");
  return Exit::done;
}

}  // namespace cpi::actuator
