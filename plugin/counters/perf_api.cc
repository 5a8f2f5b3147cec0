#include "counters/perf_api.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "counters/files.h"

namespace cpi {
namespace {

class KernelPerf final : public PerfApi {
 public:
  Result<UniqueFd> open(const perf_event_attr& attr, int cgroup_fd, int cpu,
                        int leader) override {
    unsigned long flags = PERF_FLAG_FD_CLOEXEC;
    if (cgroup_fd != kWholeCpu) flags |= PERF_FLAG_PID_CGROUP;
    // The kernel reads attr only; its prototype predates const.
    const long fd =
        ::syscall(SYS_perf_event_open, &attr, cgroup_fd, cpu, leader, flags);
    if (fd < 0) {
      return tl::make_unexpected(perf_open_error(errno, cgroup_fd, cpu));
    }
    return move_high(UniqueFd(static_cast<int>(fd)));
  }

  Result<> control(int leader, Command command) override {
    const unsigned long request = command == Command::enable
                                      ? PERF_EVENT_IOC_ENABLE
                                      : PERF_EVENT_IOC_DISABLE;
    if (::ioctl(leader, request, PERF_IOC_FLAG_GROUP) < 0) {
      return fail(errno, "switch a counter group");
    }
    return {};
  }

  Result<std::size_t> read(int leader, std::span<std::byte> buffer) override {
    const ssize_t size = ::read(leader, buffer.data(), buffer.size());
    if (size < 0) return fail(errno, "read a counter group");
    return static_cast<std::size_t>(size);
  }
};

// The event itself is known to work: something is wrong with the cgroup.
const char* remedy_for_cgroup(int code) {
  switch (code) {
    case ENOENT:
      return "nothing has ever enabled a controller on this host: write once "
             "to cgroup.subtree_control of the cgroup v2 root (+cpu will do)";
    case EBADF:
      return "the cgroup is not in the perf_event hierarchy";
    default:
      return nullptr;
  }
}

const char* remedy_for(int code) {
  switch (code) {
    case EACCES:
    case EPERM:
      return "give collectd CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8) and "
             "set kernel.perf_event_paranoid to 2 (at 3, Debian's default, "
             "CAP_PERFMON is not enough); or set it to 0 or less";
    case EMFILE:
      return "raise LimitNOFILE of collectd's unit";
    case ENFILE:
      return "raise fs.file-max";
    case ENOENT:
    case EOPNOTSUPP:
      return "no PMU on this host, or none with this event: give a virtual "
             "machine a virtual PMU";
    case ENODEV:
      return "the CPU is offline or its PMU does not know the event";
    case EINVAL:
      return "cycles and instructions do not fit one counter group; choose "
             "other events";
    case EBUSY:
      return "another tool holds the counters exclusively";
    case ENOSYS:
      return "this kernel was built without perf events";
    default:
      return "";
  }
}

}  // namespace

Error perf_open_error(int code, int cgroup_fd, int cpu) {
  const bool whole_cpu = cgroup_fd == PerfApi::kWholeCpu;
  const char* remedy = whole_cpu ? nullptr : remedy_for_cgroup(code);
  return {
      code,
      fmt::format("count {} on CPU {}", whole_cpu ? "events" : "a cgroup", cpu),
      remedy != nullptr ? remedy : remedy_for(code)};
}

PerfApi& kernel_perf() {
  static KernelPerf perf;
  return perf;
}

}  // namespace cpi
