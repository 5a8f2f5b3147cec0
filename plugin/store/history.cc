#include "store/history.h"

#include <algorithm>
#include <utility>

namespace cpi {
namespace {

std::int64_t quarter_of(std::int64_t time_ms) {
  const std::int64_t into = time_ms % kQuarterMs;
  return time_ms - into - (into < 0 ? kQuarterMs : 0);
}

void increase(std::uint16_t& sum, int by) {
  constexpr int kMost = std::numeric_limits<std::uint16_t>::max();
  sum = static_cast<std::uint16_t>(std::min(sum + by, kMost));
}

template <class Items>
void move_all(Items& to, Items& from) {
  if (to.empty()) {
    std::swap(to, from);
  } else {
    to.insert(to.end(), from.begin(), from.end());
  }
  from.clear();
}

}  // namespace

void HistoryPage::take(HistoryPage& other) {
  move_all(windows, other.windows);
  move_all(events, other.events);
  move_all(totals, other.totals);
  lost += std::exchange(other.lost, 0);
}

void HistoryPage::clear() {
  windows.clear();
  events.clear();
  totals.clear();
  lost = 0;
}

TotalRecord& TotalRecord::operator+=(const TotalRecord& other) {
  increase(incidents, other.incidents);
  increase(refuted, other.refuted);
  increase(lowered, other.lowered);
  increase(raised, other.raised);
  increase(rescheduled, other.rescheduled);
  increase(frozen_s, other.frozen_s);
  return *this;
}

TotalRecord total_of(const EventRecord& event) {
  using Kind = EventRecord::Kind;
  TotalRecord total;
  total.begin_ms = quarter_of(event.time_ms);
  if (event.has(EventRecord::kDryRun)) return total;
  total.incidents = event.kind == Kind::opened;
  total.refuted = event.kind == Kind::refuted;
  total.lowered = event.kind == Kind::lowered;
  total.raised = event.kind == Kind::raised || event.kind == Kind::released;
  total.rescheduled = event.kind == Kind::rescheduled;
  return total;
}

TotalRecord frozen_total(std::int64_t time_ms, double seconds) {
  TotalRecord total;
  total.begin_ms = quarter_of(time_ms);
  const double limit = static_cast<double>(kQuarterMs) / 1000;
  if (seconds > 0) {
    increase(total.frozen_s, static_cast<int>(std::min(seconds, limit) + 0.5));
  }
  return total;
}

}  // namespace cpi
