// A time zone: instants of the history, which are UTC, as people on the spot
// name them. Days and ticks are cut here and nowhere else.
#ifndef CPI_REPORT_ZONE_H_
#define CPI_REPORT_ZONE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace date {
class time_zone;
}

namespace cpi {

// A mark on a time axis.
struct TimeTick {
  std::int64_t time_ms = 0;
  std::string label;
};

// A value. Times are milliseconds since 1970, UTC.
class Zone {
 public:
  // By its name in the system's time zone database, "Asia/Hong_Kong"; "" is the
  // host's own. Fails where there is no such zone.
  static Result<Zone> named(const std::string& name);

  [[nodiscard]] std::string name() const;
  // "2026-10-25 01:30:10 GMT": the abbreviation tells the two 01:30 of the day
  // on which clocks go back apart.
  [[nodiscard]] std::string time(std::int64_t time_ms) const;
  // "2026-10-25", the local day that this instant belongs to.
  [[nodiscard]] std::string day(std::int64_t time_ms) const;
  // The last `count` local days up to that of `time_ms`, oldest first.
  [[nodiscard]] std::vector<std::string> days(std::int64_t time_ms,
                                              int count) const;
  // Round local times within [from, to], at most `most` of them: "08:00", and
  // the date at midnight and where there is nothing finer. Hours that the clock
  // skips have none. REQUIRES: from ≤ to, most ≥ 2.
  [[nodiscard]] std::vector<TimeTick> ticks(std::int64_t from_ms,
                                            std::int64_t to_ms,
                                            std::size_t most) const;

  // "2026-10-25T00:30:10Z", for machines.
  static std::string utc(std::int64_t time_ms);

 private:
  explicit Zone(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_;  // of the database, which stays
};

}  // namespace cpi

#endif  // CPI_REPORT_ZONE_H_
