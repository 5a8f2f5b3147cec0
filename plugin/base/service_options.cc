// The rows of a <Service> block.
#include "base/declared.h"
#include "base/option_rows.h"

namespace cpi {
namespace {

template <class Kind, auto kMember>
Field of(ServiceConfig& service) {
  return declared<Kind>(service.declaration.*kMember);
}

template <auto kMember>
Field metric(ServiceConfig& service) {
  return declared<DeclaredMetric>(service.declaration.metrics.*kMember);
}

template <auto kMember>
Field plain(ServiceConfig& service) {
  return &(service.declaration.*kMember);
}

// In the order in which an application lists them.
constexpr Option<ServiceConfig> kServiceOptions[] = {
    {"Cgroup", selectors<ServiceConfig, false>, kCgroup},
    {"Deployment", selectors<ServiceConfig, true>, kDeployment},
    {"SeedModel", own<&ServiceConfig::seed_model, ServiceConfig>,
     kOptionalPath},
    {"LatencyMetric", own<&ServiceConfig::latency_metric, ServiceConfig>,
     kMetric},
    {"Machines", of<DeclaredCount, &Declaration::machines>, {}},
    {"Model", of<DeclaredText, &Declaration::model>, {}},
    {"Business", of<DeclaredText, &Declaration::business>, {}},
    {"Pool", of<DeclaredText, &Declaration::pool>, {}},
    {"Owner", of<DeclaredTexts, &Declaration::owners>, {}},
    {"Cc", of<DeclaredTexts, &Declaration::cc>, {}},
    {"CPU", of<DeclaredNumber, &Declaration::cpu>, {}},
    {"Memory", of<DeclaredBytes, &Declaration::memory>, {}},
    {"MaxQPS", of<DeclaredNumber, &Declaration::max_qps>, {}},
    {"GPUMemory", of<DeclaredBytes, &Declaration::gpu_memory>, {}},
    {"GPUUtilization", of<DeclaredPercent, &Declaration::gpu_utilization>, {}},
    {"AverageQPS", of<DeclaredNumber, &Declaration::average_qps>, {}},
    {"PeakQPS", of<DeclaredNumber, &Declaration::peak_qps>, {}},
    {"RequestsPerDay", of<DeclaredNumber, &Declaration::requests_per_day>, {}},
    {"GitURL", of<DeclaredText, &Declaration::git_url>, {}},
    {"TrafficSource", of<DeclaredText, &Declaration::traffic_source>, {}},
    {"TrafficOwner", of<DeclaredText, &Declaration::traffic_owner>, {}},
    {"Growth", of<DeclaredText, &Declaration::growth>, {}},
    {"Purpose", of<DeclaredText, &Declaration::purpose>, {}},
    {"Region", of<DeclaredRegions, &Declaration::regions>, {}},
    {"Remark", of<DeclaredText, &Declaration::remark>, {}},
    {"Field", of<DeclaredExtras, &Declaration::fields>, {}},
    {"SuccessRateThreshold",
     of<DeclaredPercent, &Declaration::success_rate>,
     {}},
    {"RestartThreshold", of<DeclaredRestarts, &Declaration::restarts>, {}},
    {"MemoryWarning", of<DeclaredPercent, &Declaration::memory_warning>, {}},
    {"MinRequests",
     plain<&Declaration::min_requests>,
     {.min = 1, .max = 1e9, .unit = "requests"}},
    {"RequestsMetric", metric<&ServiceMetrics::requests>, {}},
    {"FailuresMetric", metric<&ServiceMetrics::failures>, {}},
    {"GPUMemoryMetric", metric<&ServiceMetrics::gpu_memory>, {}},
    {"GPUUtilizationMetric", metric<&ServiceMetrics::gpu_utilization>, {}},
};

}  // namespace

template <>
std::span<const Option<ServiceConfig>> options() {
  return kServiceOptions;
}

}  // namespace cpi
