// What the kernel said about one cgroup at one instant: raw, cumulative, never
// scaled. Two readings of the same cgroup make a sample (sample/sampler.h).
#ifndef CPI_COUNTERS_READING_H_
#define CPI_COUNTERS_READING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cgroup_id.h"
#include "base/units.h"

namespace cpi {

// One perf group (cycles, instructions) of one cgroup on one CPU. `enabled` and
// `running` count only while the cgroup runs on that CPU; both stay 0 where it
// never ran. running < enabled means the kernel time-shared the counters.
struct GroupCount {
  int cpu = 0;
  std::uint64_t cycles = 0;
  std::uint64_t instructions = 0;
  Duration enabled{};
  Duration running{};
};

// Where `Reading::waited` comes from. Values of two sources are not comparable.
enum class WaitSource {
  none,
  psi,             // cpu.pressure, "some": wall time with ≥ 1 task waiting
  run_queue_delay  // Σ over threads of /proc/PID/task/TID/schedstat field 2
};

std::string_view to_string(WaitSource source);

// Everything cumulative since some fixed point in the cgroup's life. A value
// that could not be read is absent, never 0.
struct Reading {
  CgroupId cgroup;
  // Start of this cgroup's reads on CLOCK_MONOTONIC.
  Instant time{};
  // One entry per counted CPU, ascending. Empty where the cgroup is not
  // counted; `uncounted` then says why. Never a part of the CPUs.
  std::vector<GroupCount> counts;
  // Differs between two readings when the counters were opened anew in between
  // (CPU hotplug, a remapped hierarchy): their counts cannot be subtracted.
  std::uint64_t epoch = 0;
  // Why `counts` is empty, for people: "no PMU on this host". Empty for a
  // cgroup nobody asked to count.
  std::string uncounted;
  // CPU time used by the cgroup and its descendants, all CPUs.
  std::optional<Duration> cpu_time;
  // Time in which runnable tasks of the cgroup waited for a CPU. The kernel's
  // collector reads it of services only.
  std::optional<Duration> waited;
  WaitSource wait_source = WaitSource::none;
  // Time in which the cgroup's own CPU quota held it back, summed over CPUs as
  // the kernel does. Of services also that of its ancestors and descendants
  // (a pod's containers), added up.
  std::optional<Duration> throttled;
  // Of services: the program that the cgroup is there for, see main_program.h.
  // Empty while it is not known.
  std::string executable;
};

// The host at the time of the readings.
struct HostReading {
  Instant time{};
  int online_cpus = 0;
  // Σ over CPUs of time the hypervisor gave to others (/proc/stat "steal").
  std::optional<Duration> steal;
};

// A cgroup with the name of the conf.d block that selected it.
struct WorkloadReading {
  std::string workload;
  Reading reading;
};

// One collection: what a Collector returns and the sampler consumes.
struct Readings {
  HostReading host;
  std::vector<WorkloadReading> services;
  std::vector<WorkloadReading> batch;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_READING_H_
