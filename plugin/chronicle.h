// Ticks → what is remembered of them: of the daemon's in the history on the
// disk, of a replayed recording's in its report.
#ifndef CPI_CHRONICLE_H_
#define CPI_CHRONICLE_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "incident/suspect.h"
#include "pipeline.h"
#include "policy/action.h"
#include "store/history.h"

namespace cpi {

// Not thread-safe. In the steady state it allocates nothing.
class Chronicle {
 public:
  // Positions of services on the page are those in this list; others are left
  // out.
  explicit Chronicle(const std::vector<std::string>& services);

  // A value of the service's latency metric; a window has their mean.
  void latency(const std::string& service, double value);

  // Adds a tick to the page. `now_ms`: the wall clock at tick.now, in
  // milliseconds since 1970, UTC.
  void write(const Tick& tick, std::int64_t now_ms);

  // Adds what was decided at `now_ms`; renewals are no news. What is done for
  // no service of the list is left out.
  void write(const std::vector<Action>& actions, std::int64_t now_ms);

  // The host was frozen for so long before `now_ms`, on behalf of the service
  // of the last freeze that was written.
  void frozen(Duration time, std::int64_t now_ms);

  // Adds the ranking of a victim's incident that began at `incident_ms`, the
  // most suspicious first; at most ten of them.
  void write(const std::string& service, Signal signal,
             const std::vector<Suspect>& suspects, std::int64_t now_ms,
             std::int64_t incident_ms);

  // What was written and not taken yet.
  [[nodiscard]] HistoryPage& page() { return page_; }

 private:
  struct Heard {
    double sum = 0;
    int count = 0;
  };
  // What a tick says of one service.
  struct Seen {
    const Judgement* worst = nullptr;
    std::uint16_t replicas = 0;
    bool incident = false;
  };

  static void see(const Judgement& judgement, Seen& seen);
  void note(std::size_t service, const EventRecord& event);

  std::unordered_map<std::string, std::size_t> positions_;
  std::vector<Heard> heard_;  // by position, as below
  std::vector<Seen> seen_;
  std::size_t freezer_ = 0;  // the service for which the host was frozen last
  HistoryPage page_;
};

}  // namespace cpi

#endif  // CPI_CHRONICLE_H_
