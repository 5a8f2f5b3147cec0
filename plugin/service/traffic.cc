#include "service/traffic.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

std::optional<double> rate_of(const EventCount& requests) {
  if (!requests.last()) return std::nullopt;
  const Events events = requests.until(*requests.last());
  constexpr int kPercent = 80;
  if (events.covered * 100 < EventCount::kWindow * kPercent) {
    return std::nullopt;
  }
  return events.events / to_seconds(events.covered);
}

std::optional<double> success_of(const EventCount& requests,
                                 const EventCount& failures,
                                 double min_requests) {
  const auto asked = requests.last();
  const auto failed = failures.last();
  if (!asked || !failed) return std::nullopt;
  const Duration end = std::min(*asked, *failed);
  const Events all = requests.until(end);
  const Events bad = failures.until(end);
  // One series that was not measured for a part of the other's time would be
  // compared with too much or too little.
  const double covered = to_seconds(all.covered);
  const bool alike = std::abs(covered - to_seconds(bad.covered)) <= covered / 4;
  if (all.events < min_requests || !alike) return std::nullopt;
  return std::clamp(1 - bad.events / all.events, 0.0, 1.0);
}

// Whether the other series has yet to reach the end of the latest stretch of
// this one, as in every tick: then nothing new can be compared. One that is
// later than that may have stopped.
bool is_just_ahead(const EventCount& one, const EventCount& other) {
  const auto latest = one.latest();
  return latest && other.last() >= latest->begin && other.last() < one.last();
}

}  // namespace

void Traffic::requests(const MetricValue& value) {
  const auto before = requests_.last();
  if (!requests_.add(value)) begin_anew(*requests_.last());
  rate_ = rate_of(requests_);
  if (!is_just_ahead(requests_, failures_)) compare();
  const auto latest = requests_.latest();
  const bool advanced =
      requests_.last() != before && latest && latest->end == requests_.last();
  if (advanced) learn(*latest);
}

void Traffic::failures(const MetricValue& value) {
  if (!failures_.add(value)) begin_anew(*failures_.last());
  if (!is_just_ahead(failures_, requests_)) compare();
}

void Traffic::begin_anew(Duration time) {
  requests_.forget_before(time);
  failures_.forget_before(time);
  rate_ = rate_of(requests_);
  compare();
}

void Traffic::compare() {
  success_rate_ = success_of(requests_, failures_, min_requests_);
}

std::optional<bool> Traffic::gone() const {
  const auto now = rate_;
  const bool worth_it =
      usual_ * to_seconds(EventCount::kWindow) >= min_requests_;
  if (!now || !worth_it) return std::nullopt;
  if (gone_since_) return *now < kBack * usual_;
  return *now < kGone * usual_;
}

// While traffic is gone the usual stays what it was, to know it when it is
// back.
void Traffic::learn(const Increment& increment) {
  const double seconds = to_seconds(increment.end - increment.begin);
  if (seconds <= 0) return;
  const bool gone_now = gone().value_or(gone_since_.has_value());
  if (!gone_now) {
    gone_since_.reset();
  } else if (!gone_since_) {
    gone_since_ = increment.end;
  } else if (increment.end - *gone_since_ >= kAccepted) {
    gone_since_.reset();
    usual_ = rate_.value_or(0);
  }
  if (gone_since_) return;
  const double weight = 1 - std::exp(-seconds / to_seconds(kMemory));
  usual_ += (increment.events / seconds - usual_) * weight;
}

}  // namespace cpi
