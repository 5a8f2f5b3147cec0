// A series of another plugin as counted events: how many happened from when to
// when, whatever kind of series tells it.
#ifndef CPI_SERVICE_METRIC_H_
#define CPI_SERVICE_METRIC_H_

#include <deque>
#include <optional>

#include "base/units.h"

namespace cpi {

// One value of a series, with the time its source gave it: on the source's wall
// clock, which only its other values can be compared with.
struct MetricValue {
  enum class Kind {
    total,  // counted since some start (DERIVE, COUNTER)
    rate,   // per second (GAUGE)
    count   // since the value before (ABSOLUTE)
  };
  Kind kind = Kind::rate;
  double value = 0;
  Duration time{};      // since 1970
  Duration interval{};  // until the next one is due
};

// Events of a stretch of time.
struct Increment {
  Duration begin{};
  Duration end{};
  double events = 0;
};

// The last minutes of one series. Values may come late, never out of order:
// older ones than the last are ignored, as are negative and infinite ones.
class EventCount {
 public:
  // Remembered; what happened before is not asked.
  static constexpr Duration kWindow = std::chrono::minutes(5);

  // False where the value could not follow the last one: a total that fell has
  // begun anew, and what happened in between is not known.
  bool add(const MetricValue& value);

  // When the last value was measured; absent before the first.
  [[nodiscard]] std::optional<Duration> last() const { return last_; }
  // The last stretch between two values.
  [[nodiscard]] const std::deque<Increment>& increments() const {
    return increments_;
  }
  // Forgets what began before this time, also what is added later.
  void forget_before(Duration time);

 private:
  std::deque<Increment> increments_;
  std::optional<Duration> last_;
  Duration since_{};  // what began before is forgotten
  double total_ = 0;  // of kind total: the last value
};

// Events within the window that ends at `end`, of increments that ended by
// then; `covered` is the time that they span together.
struct Events {
  double events = 0;
  Duration covered{};
};
Events events_until(const EventCount& count, Duration end);

}  // namespace cpi

#endif  // CPI_SERVICE_METRIC_H_
