// Series as tests need them.
#ifndef CPI_TESTS_SERVICE_METRICS_H_
#define CPI_TESTS_SERVICE_METRICS_H_

#include "service/metric.h"

namespace cpi {

inline constexpr Duration kInterval = std::chrono::seconds(10);
inline constexpr Duration kEpoch = std::chrono::hours(490'000);

// The value of a running total at a tick.
inline MetricValue total(int tick, double value) {
  return {MetricValue::Kind::total, value, kEpoch + tick * kInterval,
          kInterval};
}

inline MetricValue rate(int tick, double value) {
  return {MetricValue::Kind::rate, value, kEpoch + tick * kInterval, kInterval};
}

inline MetricValue count(int tick, double value) {
  return {MetricValue::Kind::count, value, kEpoch + tick * kInterval,
          kInterval};
}

}  // namespace cpi

#endif  // CPI_TESTS_SERVICE_METRICS_H_
