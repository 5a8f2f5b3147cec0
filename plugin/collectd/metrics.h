// The series that declarations name, as any plugin of this host publishes them.
// The daemon writes from several threads; the read thread empties.
#ifndef CPI_COLLECTD_METRICS_H_
#define CPI_COLLECTD_METRICS_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config.h"
#include "service/limits.h"

namespace cpi {

// Thread-safe.
class Metrics {
 public:
  // Of one series, more values between two reads are dropped: who floods one
  // takes no other's room.
  static constexpr std::size_t kMost = 600;

  struct Heard {
    std::size_t service = 0;  // its position in the configuration
    ServiceMetric which{};
    MetricValue value;
  };

  // Which services want which series.
  void listen(const std::vector<ServiceConfig>& services);

  // Somebody published this value. Cheap where nobody listens for it.
  void hear(const std::string& identifier, const MetricValue& value);

  // What was heard since the last call, in order.
  std::vector<Heard> take();

 private:
  struct Series {
    std::vector<Heard> listeners;  // without values
    std::size_t heard = 0;         // since the last take()
  };

  std::mutex mutex_;
  std::unordered_map<std::string, Series> series_;
  std::vector<Heard> heard_;
};

// Whether any of these services names a series.
bool name_metrics(const std::vector<ServiceConfig>& services);

}  // namespace cpi

#endif  // CPI_COLLECTD_METRICS_H_
