// Ticks → what is remembered of them: of the daemon's in the history on the
// disk, of a replayed recording's in its report.
#ifndef CPI_CHRONICLE_H_
#define CPI_CHRONICLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline.h"
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

  // Adds a tick to the page: windows, incidents, their suspects, and what was
  // decided. `now_ms`: the wall clock at tick.now, in milliseconds since 1970,
  // UTC.
  void write(const Tick& tick, std::int64_t now_ms);

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
    const Incident* incident = nullptr;  // an open one
    std::uint16_t replicas = 0;
    bool acted = false;
  };
  // A tick, and the wall clock then.
  struct Now;

  void see(const Judgement& judgement, const Now& now);
  void see(const Finding& finding, std::size_t service, const Sample& sample,
           const Now& now);
  void write_window(std::size_t service, const Now& now);
  void write_actions(const Now& now);
  void write_suspects(const Now& now);
  void write_frozen(const Now& now);
  void note(std::size_t service, const EventRecord& event);

  std::unordered_map<std::string, std::size_t> positions_;
  std::vector<Heard> heard_;  // by position, as below
  std::vector<Seen> seen_;
  // Onsets of the incidents whose suspects were written.
  std::vector<Instant> ranked_;
  // The service for which the host is frozen; none where it only would be.
  std::optional<std::size_t> freezer_;
  std::optional<Instant> last_;  // tick
  HistoryPage page_;
};

}  // namespace cpi

#endif  // CPI_CHRONICLE_H_
