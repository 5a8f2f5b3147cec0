// Declarations at run time: holds every declared service against its limits,
// accounts for pools, publishes, alarms, and remembers across restarts of the
// agent.
//
//   cpi-service_NAME/memory-used               working set of all replicas
//                   /gauge-restarts            within the threshold's time
//                   /percent-success_rate      of five minutes
//                   /gauge-requests            per second, of five minutes
//   cpi-pool_NAME, cpi-business_NAME
//                   /total_time_in_ms-cpu      DERIVE: CPU time
//                   /derive-memory_mib_seconds DERIVE: MiB × seconds
//                   /gauge-cpus, memory-used   of the last window
//                   /percent-cpu_usage         of the host's CPUs
//                   /percent-memory            of the host's memory
//   cpi-pool_NAME/gauge-declared_cpus, memory-declared   promised on this host
//
// Notifications: limit_alarms.h; and a WARNING of cpi-host/gauge-declared_cpus
// while the host's replicas were promised more than it has.
#ifndef CPI_COLLECTD_SERVICES_H_
#define CPI_COLLECTD_SERVICES_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/config.h"
#include "base/log.h"
#include "collectd/alarms.h"
#include "collectd/dispatcher.h"
#include "collectd/metrics.h"
#include "pipeline.h"
#include "service/accounts.h"
#include "service/capacity.h"
#include "service/limits.h"
#include "store/limits_json.h"
#include "store/saver.h"

namespace cpi {

// Reads what the pipeline does not; null: nothing can be read.
using ReadResources = std::function<const ResourceReadings*(
    const std::vector<WorkloadReading>& services, Instant now)>;

// Not thread-safe, but for hear() and its own thread.
class Services {
 public:
  // Restores what `state_dir` holds. `config` and the dispatcher have to
  // outlive this; `boot_id` names this boot of the host.
  Services(const Config& config, const std::string& state_dir,
           std::string boot_id, Dispatcher& dispatcher, LogSink log,
           ReadResources resources);
  ~Services() { stop(); }
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Any thread, at any time.
  void hear(const std::string& identifier, const MetricValue& value) {
    metrics_.hear(identifier, value);
  }

  // After every tick of the pipeline.
  void tick(const Tick& tick);

  // Saves everything and waits for it.
  void stop();

 private:
  struct Service {
    const ServiceConfig* config;
    Limits limits;
    std::string instance;
    std::size_t replicas = 0;  // of this tick
    std::optional<double> memory_bytes = {};
  };
  // The series of one account.
  struct Instance {
    std::string name;
    std::optional<PoolTotal> promised;
  };

  void restore();
  // `last`: whom the caller found before, at first 0. Null: not configured.
  Service* find(const std::string& name, std::size_t& last);
  void take_metrics();
  void take_samples(const Tick& tick);
  void take_resources(const Tick& tick);
  void judge(Instant now, Duration since_boot);
  void count_replicas(const Tick& tick);
  void warn_of_promises(const std::map<std::string, PoolTotal>& totals,
                        int cpus);
  void publish(const Tick& tick);
  void publish(const Service& service);
  void publish(const Accounts& accounts,
               std::map<std::string, Instance>& instances,
               std::string_view prefix, int cpus);
  void save_if_changed();
  void save();

  const Config& config_;
  std::string path_;
  std::string boot_id_;
  Dispatcher& dispatcher_;
  LogSink log_;
  Alarms alarms_;
  ReadResources read_resources_;
  Metrics metrics_;
  std::vector<Service> services_;
  std::unordered_map<std::string, std::size_t> index_;  // by name
  bool declared_ = false;  // whether any service is
  bool first_ = true;
  std::optional<Instant> last_tick_;
  double host_memory_ = 0;
  Accounts pools_;
  Accounts businesses_;
  std::map<std::string, Instance> pool_instances_;
  std::map<std::string, Instance> business_instances_;
  std::vector<std::size_t> replicas_;  // by service, of the last tick
  std::vector<Value> values_;
  std::vector<LimitChange> changes_;
  std::uint64_t saved_version_ = 0;
  Saver saver_;
  std::thread thread_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_SERVICES_H_
