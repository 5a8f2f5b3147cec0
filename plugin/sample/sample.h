// One workload, one window: what two readings of one cgroup say, and how far it
// can be trusted.
#ifndef CPI_SAMPLE_SAMPLE_H_
#define CPI_SAMPLE_SAMPLE_H_

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/cgroup_id.h"
#include "base/units.h"
#include "counters/reading.h"

namespace cpi {

// Why two readings make no sample at all.
enum class NoSample {
  first_reading,     // nothing to subtract from yet
  no_time_passed,    // the clock did not advance between the readings
  cgroup_replaced,   // same path, another cgroup (device, inode)
  cpu_count_changed  // a CPU went on- or offline: usage is not comparable
};

// Why a sample has no CPI. Its usage and wait stand nevertheless.
enum class Withheld {
  not_counted,            // nobody counts this cgroup, or no PMU
  counters_reopened,      // opened anew within the window
  idle,                   // the cgroup did not run while counted
  not_scheduled,          // it ran, but the counters did not (running == 0)
  running_ratio_too_low,  // counters time-shared beyond MinRunningRatio
  too_few_instructions,   // under MinInstructions: noise
  implausible             // counts no CPU can produce in that CPU time
};

std::string_view to_string(NoSample reason);
std::string_view to_string(Withheld reason);

// What two readings of the counters say about the window between them.
struct Counted {
  // Scaled to the whole window: raw difference × enabled / running, per CPU.
  double cycles = 0;
  double instructions = 0;
  // CPU time of the cgroup while the counters were enabled, Σ over CPUs.
  Duration enabled{};
  // Share of `enabled` in which the counters really counted, 0…1.
  double running_ratio = 0;

  // Cycles per instruction: the metric of CPI² (EuroSys 2013, §3.1).
  [[nodiscard]] double cpi() const { return cycles / instructions; }
  // Sees what core cycles hide: a neighbour that lowers the clock.
  [[nodiscard]] double ns_per_instruction() const {
    return static_cast<double>(enabled.count()) / instructions;
  }
  [[nodiscard]] double effective_ghz() const {
    return cycles / static_cast<double>(enabled.count());
  }
};

// What explains most of a cgroup's CPU wait.
enum class WaitCause {
  none,       // no wait worth explaining
  limit,      // its own CPU quota
  steal,      // the hypervisor ran somebody else
  contention  // other tasks on this host
};

std::string_view to_string(WaitCause cause);

struct Sample {
  // Name of the conf.d block; one block may match several cgroups (replicas).
  std::string workload;
  CgroupId cgroup;
  Instant begin{};
  Instant end{};
  // CPU time / (window × online CPUs), 0…1. Absent where it cannot be read.
  std::optional<double> cpu_usage;
  // CPU time / window: 1.5 is one and a half CPUs.
  std::optional<double> cpus;
  tl::expected<Counted, Withheld> counted =
      tl::make_unexpected(Withheld::not_counted);
  // Running ratio of the window, also where it is too low for a CPI.
  std::optional<double> running_ratio;
  // Share of the window in which a task of the cgroup waited for a CPU. With
  // WaitSource::run_queue_delay it is a mean number of waiting threads and may
  // exceed 1.
  std::optional<double> cpu_wait;
  WaitSource wait_source = WaitSource::none;
  WaitCause wait_cause = WaitCause::none;
  // Share of the window in which its own quota held the cgroup back, 0…1.
  std::optional<double> throttled;
  // The program it ran at the end of the window; see Reading. May be empty.
  std::string executable;
};

}  // namespace cpi

#endif  // CPI_SAMPLE_SAMPLE_H_
