// Single anomalies → incidents, for one signal of one replica.
//
// Three rules, any of which may be on: K anomalies in a row, M within a time,
// and Page's cumulative sum, which also finds what never is an anomaly by
// itself. Only positive deviations speak for an incident.
//
// Pure; not thread-safe.
#ifndef CPI_INCIDENT_DETECTOR_H_
#define CPI_INCIDENT_DETECTOR_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/config/detector.h"
#include "base/units.h"
#include "incident/incident.h"
#include "model/score.h"

namespace cpi {

// What one window changed.
enum class Change {
  none,
  opened,    // an incident became effective
  repeated,  // the evidence, spent by an action, is complete again
  recovered  // the incident is over
};

class Detector {
 public:
  // `victim` and `service` go into the incidents.
  Detector(const DetectorConfig& config, std::string service, CgroupId victim);

  // The next window, `window` long and ending at `now`. A score that is not
  // judged (noise, warm-up) changes nothing. REQUIRES: `now` does not decrease.
  Change update(const Score& score, Instant now, Duration window);

  // A window in which the signal was not measured holds everything; a hole of
  // more than `max_missing` windows, seen when the next one comes, forgets the
  // evidence and ends the incident, of which nothing is known any more.

  // An action was taken on the strength of the evidence: it is spent. Counting
  // starts at zero, after the windows that still show the time before.
  void spend();

  // Expectations jumped (relearned, accepted): all evidence is void and an
  // open incident is over, without its having been seen to end. Takes effect,
  // and is told, by the next update: others may be looking at the incident.
  void reset() { reset_due_ = true; }
  // At once, if a reset is due: Change::recovered if an incident was open, else
  // none.
  Change tell_reset();

  // Some evidence, but no incident.
  [[nodiscard]] bool suspicious() const {
    return !incident_ && (sum_ > 0 || in_a_row_ > 0);
  }
  // The open incident, if there is one. Valid until the next update.
  [[nodiscard]] const Incident* incident() const {
    return incident_ ? &*incident_ : nullptr;
  }
  // The incident that the last update closed.
  [[nodiscard]] const std::optional<Incident>& closed() const {
    return closed_;
  }
  // No batch runs: mark the open incident as the service's own doing, or not.
  void set_own_doing(bool own_doing) {
    if (incident_) incident_->own_doing = own_doing;
  }
  [[nodiscard]] double sum() const { return sum_; }

 private:
  void count(const Score& score, Instant now);
  [[nodiscard]] std::optional<Rule> complete() const;
  void remember(const Score& score, Instant now);
  Change conclude(const Score& score, Instant now);
  void open(Rule rule, Instant now, const Score& score);
  void weigh();
  void clear_counts();
  void close();

  DetectorConfig config_;
  std::string service_;
  CgroupId victim_;

  double sum_ = 0;
  std::uint64_t in_a_row_ = 0;
  std::deque<Instant> anomalies_;  // within config_.window
  std::uint64_t calm_ = 0;         // windows in a row that speak for recovery
  bool reset_due_ = false;
  bool spent_ = false;          // the open incident awaits new evidence
  std::uint64_t settling_ = 0;  // so many windows are not counted yet
  std::optional<Instant> last_;
  std::deque<Evidence> evidence_;
  std::optional<Incident> incident_;
  std::optional<Incident> closed_;
};

}  // namespace cpi

#endif  // CPI_INCIDENT_DETECTOR_H_
