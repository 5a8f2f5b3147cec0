// Who runs in a container: finding its main process, and noticing its end
// without looking through all processes at every tick.
#ifndef CPI_COUNTERS_MAIN_PROCESS_H_
#define CPI_COUNTERS_MAIN_PROCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "counters/resource_reading.h"

namespace cpi {

// The path up to and including the component that names a pod: "pod" and a UID,
// as the kubelet writes it with either cgroup driver. Empty: none does.
std::string pod_of(std::string_view path);

// When the process began (/proc/PID/stat, field 22; the command's name may hold
// anything, parentheses too). Absent where there is no such process, or it has
// ended and waits to be reaped.
std::optional<MainProcess> read_process(const std::string& proc, int pid);

// The main processes below a cgroup's `directory`: of a pod one per child that
// has processes, else one. Reads every process there.
std::vector<MainProcess> find_mains(const std::string& proc,
                                    const std::string& directory, bool pod);

// Notices the end of processes with one poll(2) for all of them.
class ProcessWatch {
 public:
  // Takes up `mains` in place of what was watched.
  void watch(const std::vector<MainProcess>& mains);
  // Whether any has ended, or cannot be watched (no descriptor is left, or the
  // kernel is too old): then who asks has to look for itself.
  [[nodiscard]] bool ended() const;
  [[nodiscard]] std::size_t files_open() const { return ends_.size(); }

 private:
  std::vector<UniqueFd> ends_;  // pidfds, readable at the end
  bool blind_ = true;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_MAIN_PROCESS_H_
