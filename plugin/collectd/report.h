// A tick → the values to publish. Identifiers:
//
//   cpi-service_NAME/gauge-cpi                 cycles per instruction
//                   /gauge-ns_per_instruction  CPU time per instruction
//                   /gauge-effective_ghz       cycles per ns of CPU time
//                   /gauge-running_ratio       share of time counted, 0…1
//                   /gauge-cpu_wait            share of the window, 0…1 (or
//                                              mean waiting threads, see
//                                              Sample::cpu_wait)
//                   /gauge-throttled           share of the window, 0…1
//                   /percent-cpu_usage         of the host's CPUs, 0…100
//                   /perf-cycles, perf-instructions   DERIVE, per second
//                   /gauge-cpi_expected        of the scored signal, and
//                   /gauge-cpi_deviation       in standard deviations
//                   /gauge-cpu_wait_deviation  the same of the wait
//                   /gauge-anomaly             1 if any signal is one, else 0
//                   /gauge-incident            1 while one is open, else 0
//                   /gauge-model_samples       behind the scored signal's model
//                   /gauge-model_age           observed time, seconds
//   cpi-service_NAME@ID/…                      the same of one replica
//   cpi-batch_NAME/percent-cpu_usage, and the counts where `Count` is on
//               /gauge-suspicion           while an incident is open: the
//                                          highest correlation, −1…1
//               /gauge-quota_cores         Σ of what is throttled; absent
//                                          where nothing is
//   cpi-batch_NAME@ID/…                    the same of one container, while it
//                                          is throttled
//   cpi-host/gauge-config_errors, gauge-file_descriptors, gauge-read_seconds
//           /gauge-frozen                  1: takes no new batch; where `Act`
//                                          is on
//
// A service has several cgroups as soon as a second replica starts, and no
// series may change its name or meaning then. So cpi-service_NAME always is
// the whole service (collectd/series.h says how replicas combine), and with
// `ReportReplicas` each replica has a series of its own besides, also a single
// one: ID is a hash of its cgroup's path, which is in the metadata "cgroup".
// '@' occurs in no service's name, so the two kinds cannot collide.
//
// Of a service with several replicas the model's values are those of the
// replica that deviates most.
//
// What was not measured is left out, never 0.
#ifndef CPI_COLLECTD_REPORT_H_
#define CPI_COLLECTD_REPORT_H_

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/config.h"
#include "collectd/dispatcher.h"
#include "collectd/series.h"
#include "pipeline.h"

namespace cpi {

// What cpi-host publishes, beyond what a tick knows.
struct HostStatus {
  std::size_t config_errors = 0;  // skipped blocks
  Duration read_time{};           // of this tick's collection
  std::optional<std::size_t> file_descriptors = {};  // of open counters
};

// Not thread-safe.
class Report {
 public:
  explicit Report(const Config& config);

  // The values of one tick. They and what they refer to stay valid until the
  // next call, and while the tick does.
  std::span<const Value> values(const Tick& tick, const HostStatus& host);

 private:
  // One plugin instance.
  struct Series {
    std::string instance;
    std::vector<const Sample*> samples;  // of this tick
    std::vector<const Judgement*> judgements;
    RunningSum cycles;
    RunningSum instructions;
    // Of batch.
    std::optional<double> suspicion;
    std::optional<double> quota_cores;
  };
  // By block name; of replicas by block name and path.
  using SeriesMap = std::map<std::string, Series>;

  void gather(const Tick& tick);
  void gather_batch(const Tick& tick);
  [[nodiscard]] const Throttle* throttle_of(const Tick& tick,
                                            const CgroupId& cgroup) const;
  void publish_model(const Series& series, std::string_view cgroup);
  void publish(SeriesMap& series, bool is_batch);
  void publish_counts(Series& series, const Combined& combined,
                      std::string_view cgroup);
  void publish_loop(const Series& series, std::string_view cgroup);
  void publish(const HostStatus& host, const Tick& tick);

  ReportConfig config_;
  bool act_;
  Duration count_time_;
  SeriesMap services_;
  SeriesMap replicas_;
  SeriesMap batch_;
  SeriesMap throttled_;
  std::vector<Value> values_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_REPORT_H_
