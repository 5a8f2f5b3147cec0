// One workload's cgroup with everything that is kept open for it: the files of
// its hierarchies, its counters, its relatives' quotas. Created when discovery
// finds the cgroup, destroyed (and all of it closed) when it is gone; a read
// opens nothing and allocates nothing that grows.
#ifndef CPI_COUNTERS_WATCHED_CGROUP_H_
#define CPI_COUNTERS_WATCHED_CGROUP_H_

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "counters/counting.h"
#include "counters/files.h"
#include "counters/main_program.h"
#include "counters/placement.h"
#include "counters/related_quotas.h"
#include "counters/run_queue_delay.h"
#include "counters/workloads.h"

namespace cpi {

// Not thread-safe.
class WatchedCgroup {
 public:
  // `proc` is where proc is mounted.
  WatchedCgroup(Workload workload, const std::string& proc)
      : workload_(std::move(workload)), delay_(proc), program_(proc) {}

  [[nodiscard]] const CgroupId& cgroup() const { return workload_.cgroup; }
  [[nodiscard]] const Block& block() const { return *workload_.block; }

  // Takes its places in the hierarchies: opens the files there, and closes
  // the counters if they counted somewhere else. The error is that of the
  // first file that exists but cannot be opened; the others are open.
  Result<> settle(Placement placement);
  // Looks for quotas above and below it: cgroups there came, went or changed.
  // Opens at most `room` files more.
  void follow_quotas(const Hierarchy& primary, std::size_t room) {
    if (!block().service) return;
    quotas_.follow(primary, workload_.cgroup.path, room);
  }
  // Looks which program it runs. Only of services: nobody else's is asked for.
  void look_at_program() {
    if (block().service && placement_) {
      program_.look(placement_->primary.directory);
    }
  }
  [[nodiscard]] bool settled() const { return placement_.has_value(); }

  // Starts counting. `epoch` must differ from every earlier one. On failure
  // the cgroup is uncounted, for the error's reason, which is returned too.
  // REQUIRES: settled().
  Result<> count(const Counting& counting, std::uint64_t epoch);
  void stop_counting(std::string reason);
  [[nodiscard]] bool counting() const { return counters_.has_value(); }
  Result<> pause();

  // Asks to be settled again: nothing certain is known yet.
  [[nodiscard]] bool provisional() const {
    return !placement_ || placement_->provisional;
  }

  // Descriptors that settle() may take more than files_open().
  [[nodiscard]] std::size_t files_wanted() const {
    // Quota, time, pressure; see settle() for what a batch is asked.
    const std::size_t most = block().service ? 3 : 1;
    return most - std::min(most, files_.size());
  }
  // Descriptors for its files (not its counters).
  [[nodiscard]] std::size_t files_open() const {
    return files_.size() + quotas_.files_open();
  }

  // Reads everything into `reading`, reusing its memory. False: the cgroup is
  // gone.
  bool read(Instant now, Reading& reading, KeptFile::Buffer& buffer);

 private:
  struct Watched {
    std::string path;
    KeptFile file;
    const FileLayout* layout;
  };

  Result<> open_file(const Place& place, Question question);
  void read_counters(Reading& reading);
  void read_wait(Instant now, Reading& reading);

  Workload workload_;
  std::optional<Placement> placement_;
  std::vector<Watched> files_;
  std::optional<CgroupCounters> counters_;
  std::uint64_t epoch_ = 0;
  std::string uncounted_;
  RelatedQuotas quotas_;
  RunQueueDelay delay_;
  MainProgram program_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_WATCHED_CGROUP_H_
