#include "collectd/limit_alarms.h"

#include <fmt/format.h>

#include "base/quantity.h"
#include "collectd/identifier.h"
#include "collectd/text.h"

namespace cpi {
namespace {

std::string restarts(const ServiceConfig& service, const LimitChange& change) {
  const auto& declared = service.declaration.restarts;
  return fmt::format(
      "restarted {:.0f} times within {}, the threshold is {:.0f}", change.value,
      declared ? format_duration(declared->within) : "?", change.threshold);
}

// What was crossed.
std::string happened(const ServiceConfig& service, const LimitChange& change) {
  switch (change.limit) {
    case Limit::cpu:
      return fmt::format("uses {:.3g} CPU threads, {:g} are declared",
                         change.value, change.threshold);
    case Limit::memory:
    case Limit::gpu_memory:
      return fmt::format("{} of {}, {:.0f} %, is used; beyond it is killed",
                         approximate_bytes(change.value),
                         approximate_bytes(change.threshold),
                         change.value / change.threshold * 100);
    case Limit::oom:
      return fmt::format("{:.0f} processes killed for want of memory",
                         change.value);
    case Limit::restarts:
      return restarts(service, change);
    case Limit::success_rate:
      return fmt::format("success rate {:.4g} %, the threshold is {}",
                         change.value * 100, format_percent(change.threshold));
    case Limit::traffic:
      return fmt::format(
          "traffic is gone: {:.3g} requests a second, {:.3g} are usual",
          change.value, change.threshold);
    case Limit::gpu_utilization:
      break;
  }
  return fmt::format("GPU is used to {:.3g} %, {} are declared",
                     change.value * 100, format_percent(change.threshold));
}

std::string name_of(Limit limit) {
  std::string name(to_string(limit));
  for (char& letter : name) {
    if (letter == '_') letter = ' ';
  }
  return name;
}

Alert severity_of(Limit limit) {
  switch (limit) {
    case Limit::oom:
    case Limit::restarts:
    case Limit::success_rate:
    case Limit::traffic:
      return Alert::failure;
    default:
      return Alert::warning;
  }
}

std::string joined(const std::vector<std::string>& owners) {
  return fmt::format("{}", fmt::join(owners, ", "));
}

std::string message_of(const ServiceConfig& service,
                       const LimitChange& change) {
  const Declaration& declared = service.declaration;
  if (!change.crossed) {
    return fmt::format("{}: {}: {}", service.name, name_of(change.limit),
                       change.unmeasured ? "not measured any more, given up"
                                         : "within its limit again");
  }
  std::string message =
      fmt::format("{}: {}: {}", service.name, name_of(change.limit),
                  happened(service, change));
  std::vector<std::string> call = declared.owners;
  const bool source = change.limit == Limit::traffic;
  if (source && !declared.traffic_owner.empty()) {
    call.push_back(declared.traffic_owner + " (traffic source)");
  }
  if (!call.empty()) message += "; call " + joined(call);
  return message;
}

}  // namespace

Notification notification_of(const ServiceConfig& service,
                             const LimitChange& change) {
  const Declaration& declared = service.declaration;
  Notification notification;
  notification.alert = change.crossed ? severity_of(change.limit) : Alert::okay;
  notification.message = message_of(service, change);
  notification.instance = identifier("service_" + service.name);
  notification.type_instance = std::string(to_string(change.limit));
  auto& metadata = notification.metadata;
  metadata = {{"service", service.name},
              {"limit", std::string(to_string(change.limit))},
              {"CurrentValue", change.value},
              {"threshold", change.threshold}};
  const auto add = [&metadata](const char* name, const std::string& value) {
    // A cgroup's name may hold line breaks, and what passes notifications on
    // writes one line per name.
    if (!value.empty()) metadata.emplace_back(name, printable(value));
  };
  add("owner", joined(declared.owners));
  add("cgroup", change.cgroup);
  add("business", declared.business);
  add("pool", declared.pool);
  if (change.limit == Limit::traffic) {
    add("traffic_owner", declared.traffic_owner);
    add("traffic_source", declared.traffic_source);
  }
  return notification;
}

}  // namespace cpi
