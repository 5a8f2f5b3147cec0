#include "collectd/metrics.h"

#include <algorithm>
#include <utility>

namespace cpi {

void Metrics::listen(const std::vector<ServiceConfig>& services) {
  const std::lock_guard lock(mutex_);
  series_.clear();
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ServiceMetrics& metrics = services[i].declaration.metrics;
    const auto add = [&](const std::string& name, ServiceMetric which) {
      if (!name.empty()) series_[name].listeners.push_back({i, which, {}});
    };
    add(metrics.requests, ServiceMetric::requests);
    add(metrics.failures, ServiceMetric::failures);
    add(metrics.gpu_memory, ServiceMetric::gpu_memory);
    add(metrics.gpu_utilization, ServiceMetric::gpu_utilization);
  }
}

void Metrics::hear(const std::string& identifier, const MetricValue& value) {
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(identifier);
  if (found == series_.end() || found->second.heard >= kMost) return;
  ++found->second.heard;
  for (Heard heard : found->second.listeners) {
    heard.value = value;
    heard_.push_back(heard);
  }
}

std::vector<Metrics::Heard> Metrics::take() {
  const std::lock_guard lock(mutex_);
  if (heard_.empty()) return {};
  for (auto& [name, series] : series_) series.heard = 0;
  return std::exchange(heard_, {});
}

bool name_metrics(const std::vector<ServiceConfig>& services) {
  return std::any_of(services.begin(), services.end(), [](const auto& service) {
    return service.declaration.metrics != ServiceMetrics{};
  });
}

}  // namespace cpi
