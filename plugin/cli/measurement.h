// What a replica needs at full effort, from what was seen while a client drove
// it. Pure; measure.cc runs the client.
#ifndef CPI_CLI_MEASUREMENT_H_
#define CPI_CLI_MEASUREMENT_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace cpi {

// One window. Absent: not measured.
struct EffortPoint {
  std::optional<double> cpus;
  std::optional<double> memory;  // bytes
  std::optional<double> cpi;
  std::optional<double> cpu_wait;
  std::optional<double> qps;
  std::optional<double> gpu_memory;       // bytes
  std::optional<double> gpu_utilization;  // 0…1
};

// Where warming up ends: the beginning to drop, at most half, so that the rest
// has the smallest standard error of its mean (the marginal standard error
// rule, MSER; White, Simulation 69:6, 1997).
std::size_t warm_up(std::span<const double> values);

struct Effort {
  std::size_t windows = 0;  // after warming up
  std::size_t dropped = 0;  // before
  std::optional<double> cpus_mean;
  std::optional<double> cpus_peak;
  std::optional<double> memory_peak;  // warming up included: it was needed
  std::optional<double> cpi;
  std::optional<double> cpu_wait;
  std::optional<double> qps;
  std::optional<double> gpu_memory_peak;
  std::optional<double> gpu_utilization;
};

// `client_qps`: what the client itself reported; counts before the metric's.
Effort summarize(std::span<const EffortPoint> points,
                 std::optional<double> client_qps);

// The number in the first group of the last match of `expression` (RE2)
// in the client's output, thousands separators left out. Fails where the
// expression is none, or has no group.
Result<std::optional<double>> qps_in(const std::string& output,
                                     const std::string& expression);

// Lines for the <Service> block, each with how far the present declaration is
// off, and what else was seen as comments.
std::string block_of(const ServiceConfig& service, const Effort& effort);

}  // namespace cpi

#endif  // CPI_CLI_MEASUREMENT_H_
