// Starts the helper the way an attacker could, and lets a test stand between it
// and the kernel.
#ifndef CPI_TESTS_LIVE_ACTUATOR_LAUNCH_H_
#define CPI_TESTS_LIVE_ACTUATOR_LAUNCH_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace cpi::live {

struct Ending {
  int exit = -1;   // exit status; −1 when it was killed
  int signal = 0;  // that killed it
  std::string out, err;
};

// One system call of the helper, at its entry.
struct Call {
  pid_t pid = 0;
  int index = 0;  // from 0, after execve
  long number = 0;
  // Its path argument, for calls that open, remove or rename; else empty.
  std::string path;
  // Flags of an open.
  unsigned long flags = 0;
};

// What becomes of it: 0 goes on; an errno fails it unexecuted; kKill kills the
// process before it; kDetach stops it there with SIGSTOP, ends the tracing,
// calls at_detach and continues it.
inline constexpr int kKill = -1;
inline constexpr int kDetach = -2;
using AtCall = std::function<int(const Call&)>;

struct Launch {
  std::string program;
  std::vector<std::string> arguments;
  // The caller's user and group id; 0 stays root.
  uid_t uid = 0;
  std::vector<std::string> environment;
  // Runs in the child while it is still root: for namespaces and mounts.
  std::function<void()> prepare_as_root;
  // Runs in the child as the caller, last before execve.
  std::function<void()> prepare;
  // argc 0: not even the program's name.
  bool no_arguments = false;
  // Empty: not traced.
  AtCall at_call;
  std::function<void()> at_detach;
  // With at_call: what every successful open opened, and with which flags.
  std::function<void(const std::string& path, unsigned long flags)> at_open;
};

// Waits for its end.
Ending run(const Launch& launch);

}  // namespace cpi::live

#endif  // CPI_TESTS_LIVE_ACTUATOR_LAUNCH_H_
