// The seam to perf_event_open(2): everything counters/ asks of perf goes
// through it, so tests feed bytes and errors. Errors carry advice, not errno
// alone. <linux/perf_event.h> must never be included beside this header:
// libpfm4 brings its own copy of it.
#ifndef CPI_COUNTERS_PERF_API_H_
#define CPI_COUNTERS_PERF_API_H_

#include <perfmon/pfmlib_perf_event.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"

namespace cpi {

class PerfApi {
 public:
  // What a counter group can be told.
  enum class Command { enable, disable };

  // In place of a cgroup: everything that runs on the CPU.
  static constexpr int kWholeCpu = -1;
  // In place of a leader: the event leads a group of its own.
  static constexpr int kNoLeader = -1;

  virtual ~PerfApi() = default;

  // Opens one event on `cpu` for the cgroup whose directory in the perf_event
  // hierarchy is open as `cgroup_fd`, or for the whole CPU. The descriptor is
  // close-on-exec.
  virtual Result<UniqueFd> open(const perf_event_attr& attr, int cgroup_fd,
                                int cpu, int leader) = 0;

  // Applies `command` to every event of the group that `leader` leads.
  virtual Result<> control(int leader, Command command) = 0;

  // Fills `buffer` with what read(2) says of the group. Returns the number of
  // bytes; 0 means the kernel gave the event up.
  virtual Result<std::size_t> read(int leader, std::span<std::byte> buffer) = 0;
};

// The kernel's. Has no state; may be shared between threads.
PerfApi& kernel_perf();

// errno of a failed perf_event_open(2) as advice: which setting, capability or
// limit is missing. Arguments as for PerfApi::open().
Error perf_open_error(int code, int cgroup_fd, int cpu);

}  // namespace cpi

#endif  // CPI_COUNTERS_PERF_API_H_
