// Where values and notifications go. collectd 5 is behind it in daemon.cc;
// collectd 6, which replaces value lists by metric families, would be another
// implementation.
#ifndef CPI_COLLECTD_DISPATCHER_H_
#define CPI_COLLECTD_DISPATCHER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cpi {

// One value: HOST/cpi-INSTANCE/TYPE-TYPE_INSTANCE. Views into what made it.
struct Value {
  std::string_view instance;       // "service_web", at most 127 bytes
  std::string_view type;           // a type of collectd's own types.db
  std::string_view type_instance;  // "cpi"
  // A gauge, or the running sum of a DERIVE.
  std::variant<double, std::int64_t> number;
  // Path of the cgroup behind the value, published as metadata; empty where
  // there are several or none.
  std::string_view cgroup = {};
};

// collectd's three severities.
enum class Alert { okay, warning, failure };

struct Notification {
  Alert alert = Alert::okay;
  std::string message;   // one line; collectd cuts it at 255 bytes
  std::string instance;  // as in Value
  std::string type_instance;
  std::vector<std::pair<std::string, std::variant<std::string, double>>>
      metadata = {};
};

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  // Publishes the values of one tick, all with the same time stamp.
  virtual void publish(std::span<const Value> values) = 0;
  virtual void notify(const Notification& notification) = 0;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_DISPATCHER_H_
