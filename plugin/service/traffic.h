// What two series, requests and failures, say about a service: its success rate
// and whether its traffic has disappeared.
//
// Both series are judged up to the time that both have reached, so that one
// that comes late does not make failures look rare or frequent. When either
// begins anew (the service restarted), what either said before is forgotten:
// failures of the one life must not be held against requests of another.
#ifndef CPI_SERVICE_TRAFFIC_H_
#define CPI_SERVICE_TRAFFIC_H_

#include <optional>

#include "service/metric.h"

namespace cpi {

class Traffic {
 public:
  // Usual traffic is an average with this memory, in the time of the series.
  static constexpr Duration kMemory = std::chrono::hours(1);
  // Gone: less than this share of the usual; back: more than that.
  static constexpr double kGone = 0.01;
  static constexpr double kBack = 0.1;
  // Gone for so long, it has moved for good: what is left becomes usual.
  static constexpr Duration kAccepted = std::chrono::hours(24);

  // `min_requests`: with fewer in five minutes nothing is said.
  explicit Traffic(double min_requests) : min_requests_(min_requests) {}

  void requests(const MetricValue& value);
  void failures(const MetricValue& value);

  // Share of the last five minutes' requests that did not fail, 0…1. Absent
  // where too little is known.
  [[nodiscard]] std::optional<double> success_rate() const {
    return success_rate_;
  }

  // Requests per second of the last five minutes; absent unless they were
  // measured nearly all of that time.
  [[nodiscard]] std::optional<double> rate() const { return rate_; }
  // Requests per second as usual.
  [[nodiscard]] double usual() const { return usual_; }
  // Whether there is so much less traffic than usual that it must have gone
  // elsewhere. Absent where too little is known, or too little was usual.
  [[nodiscard]] std::optional<bool> gone() const;

  // What survives a restart of the agent.
  struct State {
    double usual = 0;  // requests per second
    std::optional<Duration> gone_since;
  };
  [[nodiscard]] State state() const { return {usual_, gone_since_}; }
  void restore(const State& state) {
    usual_ = state.usual;
    gone_since_ = state.gone_since;
  }

 private:
  void begin_anew(Duration time);
  void compare();
  void learn(const Increment& increment);

  double min_requests_;
  EventCount requests_;
  EventCount failures_;
  // Of the last values; asked for more often than values come.
  std::optional<double> rate_;
  std::optional<double> success_rate_;
  double usual_ = 0;
  std::optional<Duration> gone_since_;
};

}  // namespace cpi

#endif  // CPI_SERVICE_TRAFFIC_H_
