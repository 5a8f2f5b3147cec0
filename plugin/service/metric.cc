#include "service/metric.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace cpi {
namespace {

// More events than anything counts; keeps sums finite.
constexpr double kMostEvents = 1e15;
constexpr std::size_t kMostStretches = 600;

}  // namespace

bool EventCount::add(const MetricValue& value) {
  const bool countable = std::isfinite(value.value) && value.value >= 0 &&
                         value.value <= kMostEvents * kMostEvents &&
                         value.time > Duration::zero();
  if (!countable || (last_ && value.time <= *last_)) return true;
  const bool first = !last_;
  const Duration begin =
      first ? value.time - std::clamp(value.interval, Duration::zero(), kWindow)
            : *last_;
  const double before = total_;
  last_ = value.time;
  if (value.kind == MetricValue::Kind::total) total_ = value.value;
  double events = value.value;
  if (value.kind == MetricValue::Kind::total) {
    if (first) return true;
    if (value.value < before) return false;
    events = value.value - before;
  } else if (value.kind == MetricValue::Kind::rate) {
    // A rate says nothing about a gap in which nobody measured it.
    const Duration span = std::min(
        value.time - begin,
        value.interval > Duration::zero() ? 2 * value.interval : kWindow);
    events = value.value * to_seconds(span);
  }
  if (begin < since_) return true;
  const Events earlier =
      stretches_.empty() ? Events{} : stretches_.back().through();
  stretches_.push_back(
      {{begin, value.time, std::min(events, kMostEvents)}, earlier});
  forget_before(value.time - kWindow - kWindow);
  if (stretches_.size() > kMostStretches) forget_first();
  while (window_ < stretches_.size() &&
         stretches_[window_].increment.begin < value.time - kWindow) {
    ++window_;
  }
  return true;
}

void EventCount::forget_first() {
  stretches_.pop_front();
  if (window_ > 0) --window_;
}

void EventCount::forget_before(Duration time) {
  since_ = std::max(since_, time);
  while (!stretches_.empty() && stretches_.front().increment.begin < since_) {
    forget_first();
  }
}

std::optional<Increment> EventCount::latest() const {
  if (stretches_.empty()) return std::nullopt;
  return stretches_.back().increment;
}

Events EventCount::until(Duration end) const {
  if (stretches_.empty()) return {};
  auto begin = stretches_.begin() + static_cast<std::ptrdiff_t>(window_);
  auto after = stretches_.end();
  if (end != stretches_.back().increment.end) {
    begin = std::partition_point(
        stretches_.begin(), stretches_.end(), [&](const Stretch& stretch) {
          return stretch.increment.begin < end - kWindow;
        });
    after = std::partition_point(
        begin, stretches_.end(),
        [&](const Stretch& stretch) { return stretch.increment.end <= end; });
  }
  if (after == begin) return {};
  const Events through = std::prev(after)->through();
  return {through.events - begin->before.events,
          through.covered - begin->before.covered};
}

}  // namespace cpi
