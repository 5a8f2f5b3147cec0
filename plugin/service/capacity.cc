#include "service/capacity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cpi {
namespace {

constexpr double kSecondsPerDay = 86400;
constexpr double kPeakOverAverage = 2;

}  // namespace

double estimated_peak_qps(double requests_per_day) {
  return requests_per_day / kSecondsPerDay * kPeakOverAverage;
}

std::uint64_t machines_needed(double peak_qps, double max_qps) {
  // 0.3 / 0.1 is 3 to anybody but a floating-point unit.
  constexpr double kRounding = 1e-9;
  return static_cast<std::uint64_t>(
      std::ceil(peak_qps / max_qps * (1 - kRounding)));
}

std::vector<std::uint64_t> split_machines(std::uint64_t machines,
                                          std::span<const Region> regions) {
  double all = 0;
  for (const Region& region : regions) all += region.share;
  std::vector<std::uint64_t> parts;
  std::vector<double> remainders;
  std::uint64_t given = 0;
  for (const Region& region : regions) {
    const double exact = static_cast<double>(machines) * region.share / all;
    const double whole = std::floor(exact);
    parts.push_back(static_cast<std::uint64_t>(whole));
    remainders.push_back(exact - whole);
    given += parts.back();
  }
  std::vector<std::size_t> order(regions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&remainders](std::size_t a, std::size_t b) {
                     return remainders[a] > remainders[b];
                   });
  for (const std::size_t next : order) {
    if (given >= machines) break;
    ++parts[next];
    ++given;
  }
  return parts;
}

bool CapacityCheck::agrees() const {
  if (kind == Kind::peak_over_average) return declared >= computed;
  return std::abs(declared - computed) <= kTolerance * computed;
}

std::vector<CapacityCheck> check_capacity(const Declaration& declared) {
  using Kind = CapacityCheck::Kind;
  std::vector<CapacityCheck> checks;
  const auto& [requests, average, peak] = std::tie(
      declared.requests_per_day, declared.average_qps, declared.peak_qps);
  if (requests && peak) {
    checks.push_back(
        {Kind::peak_from_requests, *peak, estimated_peak_qps(*requests)});
  }
  if (requests && average) {
    checks.push_back(
        {Kind::average_from_requests, *average, *requests / kSecondsPerDay});
  }
  if (average && peak) {
    checks.push_back({Kind::peak_over_average, *peak, *average});
  }
  if (declared.machines && peak && declared.max_qps) {
    checks.push_back(
        {Kind::machines_from_peak, static_cast<double>(*declared.machines),
         static_cast<double>(machines_needed(*peak, *declared.max_qps))});
  }
  return checks;
}

std::map<std::string, PoolTotal> pool_totals(
    std::span<const ServiceConfig> services,
    const std::map<std::string, std::size_t>& replicas) {
  std::map<std::string, PoolTotal> totals;
  for (const ServiceConfig& service : services) {
    const Declaration& declared = service.declaration;
    const auto here = replicas.find(service.name);
    if (declared.pool.empty() || here == replicas.end()) continue;
    PoolTotal& total = totals[declared.pool];
    const auto count = static_cast<double>(here->second);
    total.replicas += here->second;
    total.cpus += count * declared.cpu.value_or(0);
    total.memory_bytes +=
        count * static_cast<double>(declared.memory.value_or(0));
    if (!declared.cpu || !declared.memory) total.undeclared += here->second;
  }
  return totals;
}

}  // namespace cpi
