#include "actuator_launch.h"

#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include "base/unique_fd.h"

namespace cpi::live {
namespace {

std::string read_memory(pid_t pid, std::uint64_t address) {
  char bytes[512];
  iovec local{bytes, sizeof bytes};
  iovec remote{reinterpret_cast<void*>(address), sizeof bytes};
  ssize_t got = ::process_vm_readv(pid, &local, 1, &remote, 1, 0);
  for (std::size_t size = sizeof bytes; got < 0 && size > 1; size /= 2) {
    // The text may end just before an unmapped page.
    local.iov_len = remote.iov_len = size / 2;
    got = ::process_vm_readv(pid, &local, 1, &remote, 1, 0);
  }
  return got <= 0 ? "" : std::string(bytes, ::strnlen(bytes, got));
}

// Which argument is a path, and which holds the flags of an open.
Call describe(pid_t pid, int index) {
  __ptrace_syscall_info info{};
  ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
  Call call{pid, index, static_cast<long>(info.entry.nr), "", 0};
  const auto& args = info.entry.args;
  switch (call.number) {
    case SYS_openat:
      call.flags = args[2];
      [[fallthrough]];
    case SYS_unlinkat:
    case SYS_newfstatat:
    case SYS_readlinkat:
      call.path = read_memory(pid, args[1]);
      break;
    case SYS_openat2: {
      open_how how{};
      std::string raw(sizeof how, '\0');
      iovec local{&how, sizeof how};
      iovec remote{reinterpret_cast<void*>(args[2]), sizeof how};
      if (::process_vm_readv(pid, &local, 1, &remote, 1, 0) > 0)
        call.flags = how.flags;
      call.path = read_memory(pid, args[1]);
      break;
    }
    case SYS_renameat:
      call.path = read_memory(pid, args[3]);
      break;
#ifdef SYS_open
    case SYS_open:
      call.flags = args[1];
      [[fallthrough]];
    case SYS_stat:
    case SYS_readlink:
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_unlink:
      call.path = read_memory(pid, args[0]);
      break;
    case SYS_rename:
      call.path = read_memory(pid, args[1]);
      break;
#endif
    default:
      break;
  }
  return call;
}

#if defined(__x86_64__)
void skip_call(pid_t pid) {
  ::ptrace(PTRACE_POKEUSER, pid, offsetof(user_regs_struct, orig_rax), -1L);
}
void set_result(pid_t pid, long result) {
  ::ptrace(PTRACE_POKEUSER, pid, offsetof(user_regs_struct, rax), result);
}
#elif defined(__aarch64__)
void skip_call(pid_t pid) {
  int none = -1;
  iovec value{&none, sizeof none};
  ::ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &value);
}
void set_result(pid_t pid, long result) {
  user_regs_struct registers{};
  iovec value{&registers, sizeof registers};
  ::ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &value);
  registers.regs[0] = result;
  ::ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &value);
}
#endif

void report_open(pid_t pid, const Call& call, const Launch& launch) {
  __ptrace_syscall_info info{};
  if (!launch.at_open ||
      (call.number != SYS_openat && call.number != SYS_openat2))
    return;
  ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
  if (info.exit.rval < 0) return;
  std::string link =
      "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(info.exit.rval);
  char path[4096];
  ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  launch.at_open(size < 0 ? "?" : std::string(path, size), call.flags);
}

// Lets go of a process that stands before a system call; at_detach may act on
// it before it goes on.
int detach(pid_t pid, const Launch& launch) {
  ::ptrace(PTRACE_DETACH, pid, 0, SIGSTOP);
  int status = 0;
  ::waitpid(pid, &status, WUNTRACED);
  launch.at_detach();
  ::kill(pid, SIGCONT);
  ::waitpid(pid, &status, 0);
  return status;
}

// From the stop after execve to the end.
int trace(pid_t pid, const Launch& launch) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!WIFSTOPPED(status)) return status;
  ::ptrace(PTRACE_SETOPTIONS, pid, 0,
           PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  bool entry = true;
  Call call;
  int index = 0;
  int error = 0;
  long signal = 0;
  for (;;) {
    ::ptrace(PTRACE_SYSCALL, pid, 0, signal);
    signal = 0;
    ::waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) return status;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      signal = WSTOPSIG(status);
      continue;
    }
    if (entry) {
      call = describe(pid, index++);
      error = launch.at_call(call);
      if (error == kKill) ::kill(pid, SIGKILL);
      if (error == kDetach) return detach(pid, launch);
      if (error > 0) skip_call(pid);
    } else if (error > 0) {
      set_result(pid, -error);
    } else {
      report_open(pid, call, launch);
    }
    entry = !entry;
  }
}

[[noreturn]] void become(const Launch& launch, int out, int err) {
  std::vector<char*> argv;
  std::vector<char*> envp;
  if (!launch.no_arguments) {
    argv.push_back(const_cast<char*>(launch.program.c_str()));
    for (const std::string& text : launch.arguments)
      argv.push_back(const_cast<char*>(text.c_str()));
  }
  for (const std::string& text : launch.environment)
    envp.push_back(const_cast<char*>(text.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (launch.prepare_as_root) launch.prepare_as_root();
  // While still root: only a tracer with privilege leaves setuid its effect.
  if (launch.at_call) ::ptrace(PTRACE_TRACEME, 0, 0, 0);
  if (launch.uid != 0) {
    gid_t gid = launch.uid;
    if (::setgroups(1, &gid) != 0 || ::setresgid(gid, gid, gid) != 0 ||
        ::setresuid(launch.uid, launch.uid, launch.uid) != 0)
      ::_exit(126);
  }
  if (launch.prepare) launch.prepare();
  ::execve(launch.program.c_str(), argv.data(), envp.data());
  ::_exit(127);
}

std::string drain(int fd) {
  std::string text;
  char bytes[4096];
  ssize_t got = 0;
  while ((got = ::read(fd, bytes, sizeof bytes)) > 0) text.append(bytes, got);
  return text;
}

}  // namespace

Ending run(const Launch& launch) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return {};
  UniqueFd read_out(out[0]);
  UniqueFd read_err(err[0]);
  pid_t pid = ::fork();
  if (pid == 0) become(launch, out[1], err[1]);
  int status = 0;
  if (launch.at_call) {
    status = trace(pid, launch);
  }
  ::close(out[1]);
  ::close(err[1]);
  Ending ending;
  ending.out = drain(out[0]);
  ending.err = drain(err[0]);
  if (!launch.at_call) ::waitpid(pid, &status, 0);
  if (WIFEXITED(status)) ending.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  return ending;
}

}  // namespace cpi::live
