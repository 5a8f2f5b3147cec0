// The whole loop on this host: a service and batch jobs that compete for one
// CPU, the real setuid helper with its timer, and a real collectd. CPU wait is
// the signal, so that no PMU is needed.
#ifndef CPI_TESTS_LIVE_LOOP_SITE_H_
#define CPI_TESTS_LIVE_LOOP_SITE_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "actuator_site.h"
#include "live/daemon.h"
#include "live/live_cgroup.h"

namespace cpi {

// `cpi-actuator restore --expired` again and again, as root's timer does.
class RestoreTimer {
 public:
  RestoreTimer();
  ~RestoreTimer();
  RestoreTimer(const RestoreTimer&) = delete;
  RestoreTimer& operator=(const RestoreTimer&) = delete;

 private:
  pid_t pid_;
};

class LoopSite : public live::ActuatorSite {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Configures a daemon: windows of `interval` seconds, past warm-up after 60
  // of them, leases of `lease` seconds.
  LiveDaemon& daemon(double interval, double lease,
                     const std::string& more = "");

  // Half busy, as online services are: works, then waits for the next request.
  void start_service();
  // A batch job that never stops, in the batch cgroup.
  void start_antagonist();
  void stop_antagonist() { antagonist_.clear(); }

  // Of the batch cgroup, as the kernel holds it; −1: unlimited. µs per period.
  [[nodiscard]] long quota() const;
  void set_quota(long quota_us);

  // Mean of a series' values stored since `from`, in seconds since 1970, up to
  // `to`; NaN where there are none.
  [[nodiscard]] double mean(const std::string& series, double from,
                            double to) const;
  static double wall_clock();

  std::unique_ptr<LiveCgroup> top_, service_, parent_, batch_;
  std::unique_ptr<Child> worker_;
  std::vector<std::unique_ptr<Child>> antagonist_;
  std::unique_ptr<RestoreTimer> timer_;
  std::unique_ptr<LiveDaemon> daemon_;
};

}  // namespace cpi

#endif  // CPI_TESTS_LIVE_LOOP_SITE_H_
