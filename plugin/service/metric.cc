#include "service/metric.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

// More events than anything counts; keeps sums finite.
constexpr double kMostEvents = 1e15;
constexpr std::size_t kMostIncrements = 600;

}  // namespace

bool EventCount::add(const MetricValue& value) {
  const bool countable = std::isfinite(value.value) && value.value >= 0 &&
                         value.value <= kMostEvents * kMostEvents &&
                         value.time > Duration::zero();
  if (!countable || (last_ && value.time <= *last_)) return true;
  const bool first = !last_;
  const Duration begin =
      first ? value.time - std::max(value.interval, Duration::zero()) : *last_;
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
  increments_.push_back({begin, value.time, std::min(events, kMostEvents)});
  forget_before(value.time - kWindow - kWindow);
  if (increments_.size() > kMostIncrements) increments_.pop_front();
  return true;
}

void EventCount::forget_before(Duration time) {
  since_ = std::max(since_, time);
  while (!increments_.empty() && increments_.front().begin < since_) {
    increments_.pop_front();
  }
}

Events events_until(const EventCount& count, Duration end) {
  Events sum;
  const auto& increments = count.increments();
  for (auto one = increments.rbegin(); one != increments.rend(); ++one) {
    if (one->end > end) continue;
    if (one->begin < end - EventCount::kWindow) break;
    sum.events += one->events;
    sum.covered += one->end - one->begin;
  }
  return sum;
}

}  // namespace cpi
