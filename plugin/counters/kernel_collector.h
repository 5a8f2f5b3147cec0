// The Collector of a live host: composes discovery, counters and files.
//
// A collection is: drain inotify; where cgroups came or went, follow them;
// where something is not certain or not open yet, try again; then read every
// cgroup, one after the other, each stamped with its own time. In the steady
// state it makes one read(2) per counter group, one pread(2) per file, and
// three for the host.
#ifndef CPI_COUNTERS_KERNEL_COLLECTOR_H_
#define CPI_COUNTERS_KERNEL_COLLECTOR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/log.h"
#include "counters/collector.h"
#include "counters/counting.h"
#include "counters/discovery.h"
#include "counters/fd_budget.h"
#include "counters/host.h"
#include "counters/process_map.h"
#include "counters/watched_cgroup.h"

namespace cpi {

// The world around the collector. The defaults are the real one; tests put
// file trees and fakes in their place.
struct Environment {
  std::string proc = "/proc";
  std::string sys = "/sys";
  PerfApi* perf = nullptr;                   // null: the kernel's
  std::optional<std::vector<Mount>> mounts;  // absent: find_mounts()
  std::optional<std::size_t> fd_limit;       // absent: RLIMIT_NOFILE
  // Left for whoever else in this process opens as many for each service.
  std::size_t fds_beside = 0;
  // CLOCK_MONOTONIC; each cgroup's reads are stamped with their own time.
  std::function<Instant()> clock = [] {
    return Instant(std::chrono::steady_clock::now());
  };
};

// For gauge-file_descriptors and the doctor.
struct CollectorStats {
  std::size_t cgroups = 0;     // workloads that are watched, not only known
  std::size_t counted = 0;     // of these, counted by perf
  std::size_t fds_needed = 0;  // for counting and reading all of them
  std::size_t fds_open = 0;
};

// One thread at a time: the driver serialises collect(), pause() and stats().
class KernelCollector final : public Collector {
 public:
  // Mapping a cgroup across hierarchies, and opening counters that could not
  // be opened, is tried again this often.
  static constexpr Duration kRetry = std::chrono::seconds(10);

  // Fails only where there is no cgroup hierarchy at all. What else is missing
  // (a PMU, permission, descriptors) is said once through `sink`, and the rest
  // works. Opens counters in the first collect(), not here.
  static Result<std::unique_ptr<KernelCollector>> create(
      const Config& config, LogSink sink, Environment environment = {});

  Result<const Readings*> collect(Instant now) override;

  // For CountTime: stops the counters until the next collect(), so that
  // others can use them. What is read then covers the time before.
  void pause() override;

  [[nodiscard]] CollectorStats stats() const;

  // Where the hierarchy that holds quotas is mounted: CgroupIds are identities
  // within it, their paths begin there.
  [[nodiscard]] const std::string& quota_root() const {
    return hierarchies_.primary.root;
  }

 private:
  KernelCollector(const Config& config, LogSink sink, Environment environment,
                  Hierarchies hierarchies, Host host, FdBudget budget);

  // Takes over what discovery found; what was watched before stays open.
  void adopt(const std::vector<Workload>& workloads);
  // Opens files first, so that as many cgroups as possible are watched, and
  // counters with the descriptors that are left. Quotas of relatives take what
  // nobody else wanted; see follow_quotas().
  void open_what_fits(bool all);
  // Maps cgroups across the hierarchies: those not certain, or all. What is
  // not settled yet and does not fit stays unwatched.
  void settle(bool all, std::size_t allowed);
  void settle(WatchedCgroup& watched);
  // Opens counters where they are wanted and closed.
  void open_counters(std::size_t allowed);
  void open_counters_of(WatchedCgroup& watched, std::size_t& left);
  void close_counters();
  void follow_quotas();
  void say_what_fits(std::size_t needed, std::size_t allowed);
  void read_all();
  [[nodiscard]] std::size_t fds_needed() const;
  [[nodiscard]] std::size_t fds_beside() const;
  [[nodiscard]] std::size_t fds_allowed(std::size_t needed);
  [[nodiscard]] bool needs_attention() const;

  Environment environment_;
  PerfApi& perf_;
  Complaints complaints_;
  Hierarchies hierarchies_;
  ProcessMap processes_;
  Host host_;
  Discovery discovery_;
  Counting counting_;
  FdBudget budget_;
  std::vector<WatchedCgroup> watched_;
  CpuList counted_online_;  // the online CPUs that the counters are for
  std::optional<Instant> next_retry_;
  std::uint64_t epoch_ = 0;
  Readings readings_;
  KeptFile::Buffer buffer_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_KERNEL_COLLECTOR_H_
