// Reads the memory and the main processes of services: beside the counters, of
// the same cgroups, for the limits of declarations.
//
// In the steady state a collection costs one read of /proc/vmstat, one poll(2)
// per replica, and a pread(2) per replica whose memory's turn it is: at most
// kMemoryReads of them a tick. Counts of killed processes are read when the
// host's own count has changed.
#ifndef CPI_COUNTERS_RESOURCES_H_
#define CPI_COUNTERS_RESOURCES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "counters/files.h"
#include "counters/hierarchies.h"
#include "counters/main_process.h"
#include "counters/process_map.h"
#include "counters/reading.h"
#include "counters/resource_reading.h"

namespace cpi {

struct ResourceSources {
  std::string proc = "/proc";
  std::optional<std::vector<Mount>> mounts;  // absent: find_mounts()
};

// Not thread-safe.
class Resources {
 public:
  static constexpr std::size_t kMemoryReads = 50;
  // What has no event is looked for again this often: limits, containers that
  // joined a pod, a cgroup's place in the memory hierarchy.
  static constexpr Duration kLookAgain = std::chrono::seconds(60);

  // Kept open of a replica with one container: its memory and its process.
  static constexpr std::size_t kFiles = 2;

  // Fails only where this host has no cgroups.
  static Result<Resources> create(ResourceSources sources, LogSink log);

  // Of these services' cgroups; those of earlier calls that are missing are
  // forgotten. Memory whose turn it is not is that of its last turn. Valid
  // until the next call.
  const ResourceReadings& read(const std::vector<WorkloadReading>& services,
                               Instant now);

  [[nodiscard]] std::size_t files_open() const;

 private:
  struct Replica {
    CgroupId cgroup;
    std::string unit;
    bool pod = false;
    std::string memory_directory;  // empty: not found
    std::string oom_directory;     // of the unit; empty: not found
    std::optional<KeptFile> usage;
    std::optional<std::uint64_t> memory;
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> oom_kills;
    std::uint64_t oom_cgroup = 0;
    ProcessWatch watch;
    std::vector<MainProcess> mains;
    std::optional<Instant> looked;
    std::uint64_t round = 0;
  };

  Resources(ResourceSources sources, LogSink log, Hierarchies hierarchies,
            std::optional<Hierarchy> memory);

  Replica& replica_of(const CgroupId& cgroup);
  void look(Replica& replica, Instant now);
  void find_memory(Replica& replica);
  void find_processes(Replica& replica);
  void count_kills(Replica& replica);
  [[nodiscard]] std::optional<std::uint64_t> working_set(Replica& replica);
  // Whether any process of this host may have been killed since the last call.
  bool killed_anything();

  ResourceSources sources_;
  Complaints complaints_;
  Hierarchies hierarchies_;
  std::optional<Hierarchy> memory_;
  ProcessMap processes_;
  std::map<std::string, Replica> replicas_;  // by path
  std::uint64_t round_ = 0;
  std::size_t next_memory_ = 0;  // whose turn it is
  std::optional<std::uint64_t> host_kills_;
  bool settling_ = false;  // kills of the last tick may still be counted
  ResourceReadings readings_;
  KeptFile::Buffer buffer_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_RESOURCES_H_
