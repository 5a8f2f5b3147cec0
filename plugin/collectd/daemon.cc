#include "collectd/daemon.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "collectd/api.h"
#include "collectd/plugin.h"
#include "collectd/text.h"

namespace cpi {
namespace {

constexpr std::string_view kPlugin = "cpi";

template <std::size_t kSize>
void copy(std::string_view text, char (&field)[kSize]) {
  const std::string_view fitting = cut(text, kSize - 1);
  *std::copy(fitting.begin(), fitting.end(), field) = '\0';
}

struct DestroyMeta {
  void operator()(meta_data_t* meta) const { meta_data_destroy(meta); }
};
using Meta = std::unique_ptr<meta_data_t, DestroyMeta>;

Meta meta_of(const Value& value) {
  if (value.cgroup.empty()) return nullptr;
  Meta meta(meta_data_create());
  if (meta) {
    meta_data_add_string(meta.get(), "cgroup",
                         std::string(value.cgroup).c_str());
  }
  return meta;
}

void publish_one(const Value& value, cdtime_t time) {
  value_t number{};
  if (const auto* gauge = std::get_if<double>(&value.number)) {
    number.gauge = *gauge;
  } else {
    number.derive = std::get<std::int64_t>(value.number);
  }
  const Meta meta = meta_of(value);
  // The daemon fills in the host and the interval, and copies the rest.
  value_list_t list{};
  list.values = &number;
  list.values_len = 1;
  list.time = time;
  list.meta = meta.get();
  copy(kPlugin, list.plugin);
  copy(value.instance, list.plugin_instance);
  copy(value.type, list.type);
  copy(value.type_instance, list.type_instance);
  plugin_dispatch_values(&list);
}

int severity_of(Alert alert) {
  switch (alert) {
    case Alert::okay:
      return NOTIF_OKAY;
    case Alert::warning:
      return NOTIF_WARNING;
    case Alert::failure:
      break;
  }
  return NOTIF_FAILURE;
}

int level_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return LOG_INFO;
    case Severity::warning:
      return LOG_WARNING;
    case Severity::error:
      break;
  }
  return LOG_ERR;
}

// cdtime_t counts units of 2^-30 s.
Duration duration_of(cdtime_t time) {
  constexpr double kUnitsPerSecond = 1 << 30;
  return from_seconds(static_cast<double>(time) / kUnitsPerSecond);
}

MetricValue metric_of(int type, const value_list_t& list) {
  const value_t& value = list.values[0];
  MetricValue metric;
  metric.time = duration_of(list.time);
  metric.interval = duration_of(list.interval);
  switch (type) {
    case DS_TYPE_GAUGE:
      metric.kind = MetricValue::Kind::rate;
      metric.value = value.gauge;
      break;
    case DS_TYPE_ABSOLUTE:
      metric.kind = MetricValue::Kind::count;
      metric.value = static_cast<double>(value.absolute);
      break;
    case DS_TYPE_DERIVE:
      metric.kind = MetricValue::Kind::total;
      metric.value = static_cast<double>(value.derive);
      break;
    default:
      metric.kind = MetricValue::Kind::total;
      metric.value = static_cast<double>(value.counter);
  }
  return metric;
}

}  // namespace

void Daemon::publish(std::span<const Value> values) {
  const cdtime_t now = cdtime();
  for (const Value& value : values) publish_one(value, now);
}

void Daemon::notify(const Notification& notification) {
  notification_t n{};
  n.severity = severity_of(notification.alert);
  n.time = cdtime();
  copy(printable(notification.message), n.message);
  copy(hostname_g, n.host);
  copy(kPlugin, n.plugin);
  copy(notification.instance, n.plugin_instance);
  copy("gauge", n.type);
  copy(notification.type_instance, n.type_instance);
  for (const auto& [name, value] : notification.metadata) {
    if (const auto* number = std::get_if<double>(&value)) {
      plugin_notification_meta_add_double(&n, name.c_str(), *number);
    } else {
      plugin_notification_meta_add_string(&n, name.c_str(),
                                          std::get<std::string>(value).c_str());
    }
  }
  // Fails when nobody listens, which is no error of ours.
  plugin_dispatch_notification(&n);
  if (n.meta) plugin_notification_meta_free(n.meta);
}

void Daemon::hear(const data_set_t& set, const value_list_t& list,
                  Plugin& plugin) {
  const bool here = std::strcmp(list.host, hostname_g) == 0;
  const bool single = set.ds_num == 1 && list.values_len == 1;
  if (!here || !single || list.plugin == kPlugin) return;
  const auto part = [](const char* name, const char* instance) {
    return *instance ? std::string(name) + "-" + instance : std::string(name);
  };
  plugin.hear(part(list.plugin, list.plugin_instance) + "/" +
                  part(list.type, list.type_instance),
              metric_of(set.ds[0].type, list));
}

LogSink Daemon::log() {
  return [](Severity severity, const std::string& text) {
    plugin_log(level_of(severity), "cpi plugin: %s", printable(text).c_str());
  };
}

std::string Daemon::base_dir() {
  const char* directory = global_option_get("BaseDir");
  return directory ? directory : ".";
}

Duration Daemon::interval() { return duration_of(plugin_get_interval()); }

}  // namespace cpi
