// Incidents → notifications: a WARNING when one becomes effective, OKAY when it
// is over or its container is gone. None in between.
#ifndef CPI_COLLECTD_INCIDENTS_H_
#define CPI_COLLECTD_INCIDENTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collectd/alarms.h"
#include "watch.h"

namespace cpi {

// Not thread-safe. REQUIRES: the alarms outlive this.
class Incidents {
 public:
  // `max_missing`: ticks for which a container without samples keeps its
  // incident, as in DetectorConfig.
  Incidents(Alarms& alarms, std::uint64_t max_missing)
      : alarms_(alarms), max_missing_(max_missing) {}

  // What one tick concluded. Metadata: service, cgroup, signal, class, value
  // (named as the signal), expected, deviation, excess.
  void report(const std::vector<Judgement>& judgements);

 private:
  struct Open {
    Notification notification;
    std::string cgroup;
    std::uint64_t missing = 0;  // ticks without a sample of the container
  };

  void report(const Finding& finding);

  Alarms& alarms_;
  std::uint64_t max_missing_;
  std::map<std::string, Open> open_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_INCIDENTS_H_
