// Tells the log why a service that is counted has no CPI: once when that
// begins, once when it is over. What keeps a cgroup from being counted at all
// is told where it is opened (counters/kernel_collector.h); that a service was
// idle, or nearly, is no fault and never told.
#ifndef CPI_COLLECTD_MISSING_CPI_H_
#define CPI_COLLECTD_MISSING_CPI_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "sample/sample.h"

namespace cpi {

// Not thread-safe.
class MissingCpi {
 public:
  explicit MissingCpi(LogSink log) : complaints_(std::move(log)) {}

  // The services' samples of one tick. A cgroup that is not among them is
  // forgotten. It takes three windows in a row that say the same: at the verge
  // of a limit CPI comes and goes.
  void look_at(const std::vector<Sample>& services);

 private:
  struct Story {
    std::optional<Withheld> why;  // of the latest window; absent: it had a CPI
    int windows = 0;              // in a row
    bool present = true;          // in this tick
  };
  void follow(const Sample& sample, Story& story);

  Complaints complaints_;
  std::map<std::string, Story> stories_;  // by the cgroup's path
};

}  // namespace cpi

#endif  // CPI_COLLECTD_MISSING_CPI_H_
