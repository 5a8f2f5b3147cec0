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

// Events of several stretches; `covered` is the time that they span together.
struct Events {
  double events = 0;
  Duration covered{};
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
  // The last stretch between two values; absent before the first.
  [[nodiscard]] std::optional<Increment> latest() const;
  // Of the window that ends at `end`: stretches that lie within it.
  [[nodiscard]] Events until(Duration end) const;
  // How many stretches are remembered.
  [[nodiscard]] std::size_t size() const { return stretches_.size(); }
  // Forgets what began before this time, also what is added later.
  void forget_before(Duration time);

 private:
  // With the sums of all stretches before it, so that a window is a difference.
  struct Stretch {
    Increment increment;
    Events before;
    [[nodiscard]] Events through() const {
      return {before.events + increment.events,
              before.covered + increment.end - increment.begin};
    }
  };

  void forget_first();

  std::deque<Stretch> stretches_;
  std::size_t window_ = 0;  // where the window of the latest stretch begins
  std::optional<Duration> last_;
  Duration since_{};  // what began before is forgotten
  double total_ = 0;  // of kind total: the last value
};

}  // namespace cpi

#endif  // CPI_SERVICE_METRIC_H_
