// Holds one service against its declaration: CPU, memory, killed processes,
// restarts, success rate, traffic, GPU. Says when a limit is crossed and when
// it is kept again, nothing in between; between the two lies a band in which
// nothing changes.
//
//   limit            crossed                          kept again
//   cpu              > declared × 1.05, 3 windows     ≤ declared, 3 windows
//   memory           ≥ MemoryWarning of the limit     5 % below that, 3 times
//   oom              a process was killed             none for 10 minutes
//   restarts         threshold reached                none for as long
//   success_rate     below the threshold              a tenth fewer failures
//                                                     than it allows
//   traffic          < 1 % of the usual, 5 minutes    > 10 %, or after a day
//   gpu_memory       as memory, of the declared       as memory
//   gpu_utilization  5-minute mean > declared × 1.05  ≤ declared
//
// What is not declared is not judged; what is not measured changes nothing,
// until for an hour: then a crossed limit is given up.
#ifndef CPI_SERVICE_LIMITS_H_
#define CPI_SERVICE_LIMITS_H_

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "counters/resource_reading.h"
#include "service/metric.h"
#include "service/restarts.h"
#include "service/traffic.h"

namespace cpi {

enum class Limit {
  cpu,
  memory,
  oom,
  restarts,
  success_rate,
  traffic,
  gpu_memory,
  gpu_utilization
};
inline constexpr std::size_t kLimits = 8;

// The name of its series and in saved states: "success_rate".
std::string_view to_string(Limit limit);
std::optional<Limit> limit_named(std::string_view name);

// A limit was crossed, or is kept again.
struct LimitChange {
  Limit limit;
  bool crossed = false;
  // Given up rather than kept: nobody measures it any more.
  bool unmeasured = false;
  // In the unit of the limit: threads, bytes, kills, restarts, a share,
  // requests per second.
  double value = 0;
  double threshold = 0;
  std::string cgroup = {};  // of the replica; empty: of the service
};

// What survives a restart of the agent, within one boot of the host.
struct LimitsState {
  struct Kills {
    std::uint64_t cgroup = 0;  // inode
    std::uint64_t count = 0;

    friend bool operator==(const Kills&, const Kills&) = default;
  };
  std::vector<Limit> crossed;
  std::map<std::string, UnitState> units;  // by path
  std::map<std::string, Kills> kills;      // by unit
  std::vector<Duration> restarts;          // since boot
  Traffic::State traffic;
};

// Which of a service's series a value belongs to.
enum class ServiceMetric { requests, failures, gpu_memory, gpu_utilization };

class Limits {
 public:
  explicit Limits(const Declaration& declared);

  // During a tick, in any order; CPU and memory of the worst replica count.
  void cpus(double cpus, const std::string& cgroup);
  // `first`: the first look of this agent at any replica, so that what is there
  // has not just come.
  void resources(const ResourceReading& reading, Duration since_boot,
                 bool first);
  void metric(ServiceMetric which, const MetricValue& value);

  // Ends a tick, and appends what changed.
  void judge(Instant now, Duration since_boot,
             std::vector<LimitChange>& changes);

  // Whether anything can ever be crossed.
  [[nodiscard]] bool idle() const { return idle_; }
  [[nodiscard]] bool crossed(Limit limit) const {
    return status_[static_cast<std::size_t>(limit)].crossed;
  }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] std::size_t restarts() const { return restarts_.size(); }
  // Differs whenever state() has anything new that should be saved.
  [[nodiscard]] std::uint64_t version() const { return version_; }

  [[nodiscard]] LimitsState state() const;
  // `same_boot`: processes and their times mean the same as then.
  void restore(const LimitsState& state, bool same_boot);

 private:
  struct Status {
    bool crossed = false;
    int streak = 0;  // judgements in a row for the other state
    std::optional<Instant> judged;
  };
  // One judgement of one limit: on which side of its band a value lies.
  struct Verdict {
    Limit limit;
    double value;
    double threshold;
    bool over;   // crosses
    bool under;  // keeps; neither: in the band
    int patience_over = 1;
    int patience_under = 1;
    std::string cgroup = {};
  };
  struct Worst {
    double value = 0;
    double threshold = 0;
    std::string cgroup;
  };

  void apply(Verdict verdict, Instant now, std::vector<LimitChange>& changes);
  void judge_use(Instant now, std::vector<LimitChange>& changes);
  void judge_events(Instant now, Duration since_boot,
                    std::vector<LimitChange>& changes);
  void judge_traffic(Instant now, std::vector<LimitChange>& changes);
  void give_up(Instant now, std::vector<LimitChange>& changes);
  void count_kills(const ResourceReading& reading, Duration since_boot,
                   bool first);

  Declaration declared_;
  bool idle_;
  std::array<Status, kLimits> status_;
  std::optional<Worst> cpus_;    // of this tick
  std::optional<Worst> memory_;  // of this tick, by share of its limit
  std::optional<double> gpu_memory_;
  std::optional<double> gpu_utilization_;  // mean
  std::optional<Duration> gpu_time_;
  bool gpu_new_ = false;
  std::map<std::string, std::optional<UnitState>> units_;
  std::map<std::string, LimitsState::Kills> kills_;
  std::deque<Duration> restarts_;   // since boot, within the threshold's time
  std::optional<Duration> killed_;  // since boot, last
  double kills_now_ = 0;
  std::string killed_cgroup_;
  Traffic traffic_;
  bool traffic_new_ = false;
  std::uint64_t version_ = 0;
};

}  // namespace cpi

#endif  // CPI_SERVICE_LIMITS_H_
