// Notifications, edge-triggered: one when something begins or changes its
// severity, one OKAY when it is over, none in between.
#ifndef CPI_COLLECTD_ALARMS_H_
#define CPI_COLLECTD_ALARMS_H_

#include <map>
#include <string>

#include "collectd/dispatcher.h"

namespace cpi {

// Not thread-safe. REQUIRES: the dispatcher outlives this.
class Alarms {
 public:
  explicit Alarms(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

  // What `key` stands for is in the state that the notification tells. Passed
  // on when that differs from the last one told; everything begins as okay.
  void report(const std::string& key, const Notification& notification);

  // `key` no longer exists: forgotten without an OKAY.
  void forget(const std::string& key) { raised_.erase(key); }

 private:
  Dispatcher& dispatcher_;
  std::map<std::string, Alert> raised_;  // without those that are okay
};

}  // namespace cpi

#endif  // CPI_COLLECTD_ALARMS_H_
