// The arithmetic of a declaration: what its numbers imply, and whether they
// agree with each other and with the host.
#ifndef CPI_SERVICE_CAPACITY_H_
#define CPI_SERVICE_CAPACITY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/config.h"

namespace cpi {

// A declared number may be off the computed one by this share of it.
inline constexpr double kTolerance = 0.2;

// Traffic has peaks: twice the average over a day, requests / 86400 s × 2.
// (15,000,000 a day are 347.2. The form this rule comes from prints 346: it
// truncates 173.6 before it doubles.)
double estimated_peak_qps(double requests_per_day);

// The fewest replicas that carry the peak: ⌈peak / maximum of a replica⌉, one
// machine each. REQUIRES: max_qps > 0.
std::uint64_t machines_needed(double peak_qps, double max_qps);

// By ratio, in whole machines that add up (largest remainders, Hamilton; of
// equal remainders the earlier region's). REQUIRES: shares > 0.
std::vector<std::uint64_t> split_machines(std::uint64_t machines,
                                          std::span<const Region> regions);

// Whether two numbers of a declaration agree.
struct CapacityCheck {
  enum class Kind {
    peak_from_requests,     // PeakQPS, of RequestsPerDay
    average_from_requests,  // AverageQPS, of RequestsPerDay
    machines_from_peak,     // Machines, of PeakQPS and MaxQPS
    peak_over_average       // PeakQPS must not be less than AverageQPS
  };
  Kind kind;
  double declared = 0;
  double computed = 0;

  // Within the tolerance; a peak may be anything above the average.
  [[nodiscard]] bool agrees() const;
};

// The checks for which the numbers are there.
std::vector<CapacityCheck> check_capacity(const Declaration& declared);

// What a pool's replicas on one host were promised together.
struct PoolTotal {
  double cpus = 0;  // threads
  double memory_bytes = 0;
  std::size_t replicas = 0;
  // Of these, promised no CPU, or no memory: the totals are too low.
  std::size_t undeclared = 0;
};

// By pool. `replicas`: how many of each service (by name) are on this host;
// services without a pool are in no total.
std::map<std::string, PoolTotal> pool_totals(
    std::span<const ServiceConfig> services,
    const std::map<std::string, std::size_t>& replicas);

}  // namespace cpi

#endif  // CPI_SERVICE_CAPACITY_H_
