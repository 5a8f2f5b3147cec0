// The services' latency, as any plugin publishes it on this host. The daemon
// writes from several threads; the read thread empties.
#ifndef CPI_COLLECTD_LATENCY_H_
#define CPI_COLLECTD_LATENCY_H_

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/config.h"

namespace cpi {

// Thread-safe.
class Latency {
 public:
  // Which services want which metric ("PLUGIN-INSTANCE/TYPE-INSTANCE").
  void listen(const std::vector<ServiceConfig>& services);

  // Somebody published this value. Cheap where nobody listens for it.
  void hear(const std::string& identifier, double value);

  // What was heard since the last call: service and value, in order.
  std::vector<std::pair<std::string, double>> take();

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<std::string>> listeners_;
  std::vector<std::pair<std::string, double>> heard_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_LATENCY_H_
