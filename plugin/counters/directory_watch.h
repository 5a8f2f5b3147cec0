// Tells whether directories appeared, vanished or were renamed below a set of
// watched directories: inotify(7), which works on cgroup file systems too.
// Where it does not work, everything counts as changed, always.
#ifndef CPI_COUNTERS_DIRECTORY_WATCH_H_
#define CPI_COUNTERS_DIRECTORY_WATCH_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/unique_fd.h"

namespace cpi {

// Not thread-safe.
class DirectoryWatch {
 public:
  DirectoryWatch();

  // Costs one read(2) when nothing changed. True before the first round.
  bool changed();

  // A round names every directory to be watched from now on; those not named
  // again are let go. (The kernel does not let go of removed cgroups by
  // itself.) Add a directory before listing it, or what is created in between
  // is missed.
  void begin_round() { ++round_; }
  void add(const std::string& directory);
  void end_round();

  // Why watching does not work; null while it does.
  [[nodiscard]] const Error* problem() const {
    return fd_.valid() ? nullptr : &problem_;
  }
  [[nodiscard]] std::size_t size() const { return rounds_.size(); }

 private:
  void give_up(Error problem);

  UniqueFd fd_;
  Error problem_;
  bool fresh_ = true;  // no round yet
  std::uint64_t round_ = 0;
  std::unordered_map<int, std::uint64_t> rounds_;  // watch → last round
};

}  // namespace cpi

#endif  // CPI_COUNTERS_DIRECTORY_WATCH_H_
