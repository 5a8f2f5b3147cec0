#include "actuate/spawn_actuator.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/unique_fd.h"

namespace cpi {
namespace {

using actuator::Exit;
using actuator::Verb;
using Clock = std::chrono::steady_clock;

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail(errno, "pipe for the helper");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// Status, output and errors of the helper, all still to come.
struct Pipes {
  Pipe status, out, err;
};

Result<Pipes> make_pipes() {
  auto status = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  for (const auto* pipe : {&status, &out, &err})
    if (!*pipe) return fail(*pipe);
  return Pipes{std::move(*status), std::move(*out), std::move(*err)};
}

// What the intermediate process reports.
struct Report {
  int wait_status = 0;
  int exec_errno = 0;  // 0: the helper was started
};

// Between fork and execve in a process with threads only async-signal-safe
// calls are allowed: everything is prepared before, nothing allocates here.

[[noreturn]] void become_helper(const Pipes& pipes, char* const* argv,
                                int null) {
  char* const no_environment[] = {nullptr};
  // A target descriptor that equals its source would keep its CLOEXEC.
  int out = ::fcntl(pipes.out.write.get(), F_DUPFD_CLOEXEC, 3);
  int err = ::fcntl(pipes.err.write.get(), F_DUPFD_CLOEXEC, 3);
  int in = ::fcntl(null, F_DUPFD_CLOEXEC, 3);
  int status = ::fcntl(pipes.status.write.get(), F_DUPFD_CLOEXEC, 3);
  // What the daemon or its plugins opened without O_CLOEXEC ends here too.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 &&
      ::dup2(err, STDERR_FILENO) >= 0)
    ::execve(argv[0], argv, no_environment);
  Report report{0, errno};
  if (::write(status, &report, sizeof report) < 0) ::_exit(127);
  ::_exit(127);
}

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigemptyset(&standard.sa_mask);
  ::sigaction(SIGCHLD, &standard, nullptr);
  ::sigaction(SIGPIPE, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_intermediate(const Pipes& pipes, char* const* argv,
                                      int null) {
  reset_signals();
  pid_t helper = ::fork();
  if (helper == 0) become_helper(pipes, argv, null);
  Report report;
  if (helper < 0) report.exec_errno = errno;
  while (helper > 0 && ::waitpid(helper, &report.wait_status, 0) < 0 &&
         errno == EINTR) {
  }
  if (::write(pipes.status.write.get(), &report, sizeof report) < 0) ::_exit(1);
  ::_exit(0);
}

int milliseconds_until(Clock::time_point deadline) {
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

// One stream of the helper: keeps what fits, reads on so that it never blocks.
struct Stream {
  UniqueFd fd;
  std::size_t most;
  std::string bytes;

  void read_some() {
    std::array<char, 4096> buffer;
    ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
      fd.reset();
      return;
    }
    std::size_t room = most - bytes.size();
    bytes.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
  }
};

// Reads all streams to their ends. False when the deadline came first.
bool read_streams(std::array<Stream, 3>& streams, Clock::time_point deadline) {
  for (;;) {
    std::array<pollfd, 3> wanted;
    bool open = false;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      wanted[i] = {streams[i].fd.get(), POLLIN, 0};  // −1 is passed over
      open = open || streams[i].fd.valid();
    }
    if (!open) return true;
    int ready =
        ::poll(wanted.data(), wanted.size(), milliseconds_until(deadline));
    if (ready == 0) return false;
    if (ready < 0 && errno != EINTR) return false;
    for (std::size_t i = 0; ready > 0 && i < streams.size(); ++i)
      if (wanted[i].revents != 0) streams[i].read_some();
  }
}

// The pipe holds what the helper's own process says of a failed execve, if it
// failed, before what the intermediate says.
Result<Outcome> read_outcome(std::array<Stream, 3>& streams,
                             const std::string& path) {
  const std::string remedy = "cpi-actuator restore makes things certain";
  Report report;
  if (streams[0].bytes.size() < sizeof report)
    return fail(ECHILD, path + ": ended without a word", remedy);
  std::memcpy(&report, streams[0].bytes.data(), sizeof report);
  if (report.exec_errno != 0) {
    return fail(report.exec_errno, "start " + path,
                "is it installed, and may collectd's group run it?");
  }
  if (WIFSIGNALED(report.wait_status)) {
    return fail(EINTR,
                fmt::format("{}: killed by signal {}", path,
                            WTERMSIG(report.wait_status)),
                remedy);
  }
  Exit exit{WEXITSTATUS(report.wait_status)};
  if (name_of(exit).empty()) {
    return fail(EPROTO,
                fmt::format("{}: exit status {} is none of the helper's", path,
                            WEXITSTATUS(report.wait_status)),
                "plugin and helper may be of different versions");
  }
  return Outcome{exit, std::move(streams[1].bytes),
                 std::move(streams[2].bytes)};
}

std::string field_of(const std::string& status, const std::string& name) {
  std::istringstream lines(status);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  return "";
}

}  // namespace

std::vector<std::string> arguments_of(const Command& command) {
  std::vector<std::string> arguments{std::string(name_of(command.verb))};
  std::string seconds = std::to_string(command.period.count());
  switch (command.verb) {
    case Verb::lower:
    case Verb::raise:
      arguments.push_back(command.target);
      arguments.push_back(std::to_string(command.millicores));
      if (command.verb == Verb::raise && command.period.count() == 0) break;
      arguments.insert(arguments.end(), {"--lease", seconds});
      break;
    case Verb::release:
      arguments.push_back(command.target.empty() ? "--all" : command.target);
      break;
    case Verb::freeze:
      arguments.insert(arguments.end(), {seconds, "--reason", command.reason});
      break;
    case Verb::restore:
      if (command.expired) arguments.emplace_back("--expired");
      break;
    case Verb::thaw:
    case Verb::status:
    case Verb::selftest:
      break;
  }
  return arguments;
}

Result<Outcome> SpawnActuator::run(const Command& command) {
  std::vector<std::string> arguments = arguments_of(command);
  std::vector<char*> argv{options_.path.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  auto pipes = make_pipes();
  if (!pipes) return fail(pipes);
  UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null.valid()) return fail(errno, "open /dev/null");

  auto deadline = Clock::now() + options_.timeout;
  pid_t intermediate = ::fork();
  if (intermediate < 0) return fail(errno, "fork for " + options_.path);
  if (intermediate == 0) become_intermediate(*pipes, argv.data(), null.get());
  pipes->status.write.reset();
  pipes->out.write.reset();
  pipes->err.write.reset();
  std::array<Stream, 3> streams{
      Stream{std::move(pipes->status.read), 2 * sizeof(Report), {}},
      Stream{std::move(pipes->out.read), kMostOutput, {}},
      Stream{std::move(pipes->err.read), kMostOutput, {}}};
  bool ended = read_streams(streams, deadline);
  // Where SIGCHLD is not ignored this takes the intermediate's own status;
  // inside collectd it is usually taken already, which is as good.
  ::waitpid(intermediate, nullptr, ended ? 0 : WNOHANG);
  if (!ended) {
    return fail(ETIMEDOUT, options_.path + ": not done in time",
                "cpi-actuator restore makes things certain");
  }
  return read_outcome(streams, options_.path);
}

Result<> check_privileges(const std::string& status) {
  if (field_of(status, "NoNewPrivs") == "1") {
    return fail(
        EPERM, "no_new_privs is set, so no setuid program has effect",
        "remove NoNewPrivileges= from collectd's unit, and DynamicUser=, "
        "SystemCallFilter=, RestrictSUIDSGID= and the Protect... options "
        "that imply it");
  }
  return {};
}

Result<> SpawnActuator::check() const {
  std::ifstream file("/proc/self/status");
  std::stringstream status;
  status << file.rdbuf();
  if (auto privileges = check_privileges(status.str()); !privileges)
    return privileges;
  const std::string& path = options_.path;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return fail(errno, "find " + path, "install it, or set its path");
  if (found.st_uid != 0 || (found.st_mode & S_ISUID) == 0) {
    return fail(EPERM, path + " is not setuid root",
                "chown root:collectd and chmod 4750");
  }
  if (::access(path.c_str(), X_OK) != 0) {
    return fail(errno, "start " + path,
                "collectd's group must be the helper's");
  }
  struct statvfs mount {};
  if (::statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOSUID) != 0) {
    return fail(EPERM, path + " is on a file system mounted nosuid",
                "install it elsewhere");
  }
  return {};
}

}  // namespace cpi
