#include "policy/throttle.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

constexpr double kMillicores = 1000;
// No step is smaller, or a small container would never come back.
constexpr Millicores kMinStep = 10;

Millicores share_of(double share, Millicores quota) {
  return static_cast<Millicores>(
      std::floor(share * static_cast<double>(quota)));
}

}  // namespace

Millicores to_millicores(double cpus) {
  return static_cast<Millicores>(std::llround(cpus * kMillicores));
}

std::optional<Cut> next_cut(const ThrottleConfig& config, const Throttle* live,
                            Millicores most) {
  Cut cut;
  cut.before = live ? live->quota : most;
  const Millicores used = std::min(cut.before, most);
  const Millicores floor =
      std::max<Millicores>(1, to_millicores(config.min_quota));
  cut.quota = std::max(floor, share_of(config.factor, used));
  if (cut.quota >= cut.before) return std::nullopt;
  return cut;
}

bool harm_returns(const Throttle* live, const Record& record, Instant now) {
  if (live) return live->rising;
  return record.hold > Duration{} && now < record.hold_until + record.hold;
}

void remember_harm(const ThrottleConfig& config, Record& record,
                   Millicores harmful, bool returned, Instant now) {
  record.harmful = harmful;
  if (returned) {
    record.hold = std::min(2 * record.hold, config.max_hold_time);
  }
  record.hold = std::max(record.hold, config.hold_time);
  record.hold_until = now + record.hold;
}

std::optional<Millicores> next_raise(const ThrottleConfig& config,
                                     const Throttle& throttle,
                                     const Record& record, Instant now) {
  // One taken over, of which nothing more is known: out of it in one step.
  if (throttle.quota >= throttle.start) return throttle.start;
  Millicores next = throttle.quota +
                    std::max(kMinStep, share_of(config.step, throttle.start));
  if (now < record.hold_until) {
    next = std::min(next, share_of(config.safe_share, record.harmful));
  }
  next = std::min(next, throttle.start);
  if (next <= throttle.quota) return std::nullopt;
  return next;
}

Duration throttled_time(const Record& record, const Throttle* live,
                        Instant now) {
  Duration sum{};
  const auto add = [&](Instant begin, Instant end) {
    begin = std::max(begin, now - kDay);
    if (end > begin) sum += end - begin;
  };
  for (const Span& span : record.throttled) add(span.begin, span.end);
  if (live) add(live->since, now);
  return sum;
}

Duration allowance(const ThrottleConfig& config, const Record& record,
                   const Throttle* live, Instant now) {
  return std::max(Duration{}, config.max_throttled_time -
                                  throttled_time(record, live, now));
}

bool is_allowed(const ThrottleConfig& config, Duration allowance,
                const Throttle* live, Duration window) {
  return allowance > (live ? window : config.max_throttled_time / 4);
}

void book(Record& record, const Throttle& throttle, Instant end) {
  record.throttled.push_back({throttle.since, end});
}

bool forget_old(Record& record, Instant now) {
  std::erase_if(record.adjustments,
                [&](Instant time) { return time <= now - kHour; });
  std::erase_if(record.reschedules,
                [&](Instant time) { return time <= now - kDay; });
  std::erase_if(record.throttled,
                [&](const Span& span) { return span.end <= now - kDay; });
  std::erase_if(record.guilts,
                [&](const Guilt& guilt) { return guilt.until <= now; });
  const bool remembers = now < record.hold_until + record.hold ||
                         !record.guilts.empty() || now < record.hands_off_until;
  return !remembers && record.adjustments.empty() &&
         record.reschedules.empty() && record.throttled.empty();
}

}  // namespace cpi
