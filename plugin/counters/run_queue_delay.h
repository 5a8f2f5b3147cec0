// How long the threads of a cgroup waited for a CPU, where the kernel keeps no
// pressure (PSI off): the sum over its threads of the run-queue delay, field 2
// of /proc/PID/task/TID/schedstat.
#ifndef CPI_COUNTERS_RUN_QUEUE_DELAY_H_
#define CPI_COUNTERS_RUN_QUEUE_DELAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/units.h"

namespace cpi {

// Threads come and go, and take their totals with them. What counts is what
// each gained between two reads, so the sum never runs backwards; what a
// thread gained after its last read is lost. Not thread-safe.
class RunQueueDelay {
 public:
  // `proc` is where proc is mounted.
  explicit RunQueueDelay(std::string proc) : proc_(std::move(proc)) {}

  // Σ since the first read, which gives 0, over the threads of the cgroup at
  // `directory` and its descendants. Absent where this kernel has no schedstat.
  std::optional<Duration> read(const std::string& directory,
                               std::string_view threads_file, Instant now);

 private:
  struct Thread {
    std::uint64_t delay_ns = 0;
    std::uint64_t round = 0;
  };

  void add_cgroup(const std::string& directory, std::string_view threads_file,
                  int depth);
  void add_thread(int tid);

  std::string proc_;
  std::unordered_map<int, Thread> threads_;
  std::uint64_t round_ = 0;
  std::uint64_t sum_ns_ = 0;
  // The most one thread can have waited since the last read; nothing may be
  // taken from a thread's life before it was first seen.
  std::uint64_t most_ns_ = 0;
  std::optional<Instant> last_;
  bool supported_ = true;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_RUN_QUEUE_DELAY_H_
