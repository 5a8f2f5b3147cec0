#include "collectd/latency.h"

namespace cpi {
namespace {

// More than any service publishes between two reads.
constexpr std::size_t kMaxHeard = 10'000;

}  // namespace

void Latency::listen(const std::vector<ServiceConfig>& services) {
  const std::lock_guard lock(mutex_);
  listeners_.clear();
  for (const ServiceConfig& service : services) {
    if (service.latency_metric.empty()) continue;
    listeners_[service.latency_metric].push_back(service.name);
  }
}

void Latency::hear(const std::string& identifier, double value) {
  const std::lock_guard lock(mutex_);
  const auto listening = listeners_.find(identifier);
  if (listening == listeners_.end() || heard_.size() >= kMaxHeard) return;
  for (const std::string& service : listening->second) {
    heard_.emplace_back(service, value);
  }
}

std::vector<std::pair<std::string, double>> Latency::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(heard_, {});
}

}  // namespace cpi
