#include "collectd/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/quantity.h"
#include "collectd/identifier.h"
#include "collectd/limit_alarms.h"
#include "service/declaration.h"
#include "store/atomic_file.h"

namespace cpi {
namespace {

constexpr double kPercent = 100;

// A name may hold what an identifier must not.
std::string instance_of(std::string_view prefix, std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return identifier(std::string(prefix) + name);
}

}  // namespace

Services::Services(const Config& config, const std::string& state_dir,
                   std::string boot_id, Dispatcher& dispatcher, LogSink log,
                   ReadResources resources)
    : config_(config),
      path_(state_dir + "/limits.json"),
      boot_id_(std::move(boot_id)),
      dispatcher_(dispatcher),
      log_(log),
      alarms_(dispatcher),
      read_resources_(std::move(resources)),
      saver_(state_dir, Journal({}, 0), std::move(log)) {
  metrics_.listen(config.services);
  services_.reserve(config.services.size());
  for (const ServiceConfig& service : config.services) {
    index_.emplace(service.name, services_.size());
    declared_ = declared_ || is_declared(service);
    services_.push_back({&service, Limits(service.declaration),
                         identifier("service_" + service.name)});
  }
  if (!declared_) return;
  restore();
  try {
    thread_ = std::thread([this] { saver_.run(); });
  } catch (const std::system_error& error) {
    log_(Severity::error,
         fmt::format("no thread to save limits: {}", error.what()));
  }
}

void Services::restore() {
  const auto text = read_file(path_);
  if (!text) return;  // the first start
  const auto file = limits_from_json(*text);
  if (!file) {
    set_aside(path_);
    log_(Severity::warning,
         fmt::format("{} is set aside, restarts are counted anew: {}", path_,
                     file.error().message()));
    return;
  }
  const bool same_boot = file->boot_id == boot_id_;
  for (const auto& [name, state] : file->services) {
    const auto found = index_.find(name);
    if (found == index_.end()) continue;
    services_[found->second].limits.restore(state, same_boot);
  }
}

void Services::tick(const Tick& tick) {
  if (!declared_) return;
  const Duration window = last_tick_ ? tick.now - *last_tick_ : Duration();
  last_tick_ = tick.now;
  pools_.begin(window);
  businesses_.begin(window);
  for (Service& service : services_) {
    service.replicas = 0;
    service.memory_bytes.reset();
  }
  take_metrics();
  take_samples(tick);
  take_resources(tick);
  count_replicas(tick);
  publish(tick);
  save_if_changed();
}

void Services::take_metrics() {
  for (const auto& [service, which, value] : metrics_.take()) {
    services_[service].limits.metric(which, value);
  }
}

// Whoever asks goes through the services in the order of the configuration, so
// that mostly the same one or the next is meant.
Services::Service* Services::find(const std::string& name, std::size_t& last) {
  const std::size_t end = std::min(last + 2, services_.size());
  for (std::size_t i = last; i < end; ++i) {
    if (services_[i].config->name == name) return &services_[last = i];
  }
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &services_[last = found->second];
}

void Services::take_samples(const Tick& tick) {
  std::size_t last = 0;
  for (const Sample& sample : tick.samples->services) {
    Service* found = find(sample.workload, last);
    if (found == nullptr || !sample.cpus) continue;
    Service& service = *found;
    service.limits.cpus(*sample.cpus, sample.cgroup.path);
    const Declaration& declared = service.config->declaration;
    if (!declared.pool.empty()) {
      pools_.charge(declared.pool, sample.cpus, {});
    }
    if (!declared.business.empty()) {
      businesses_.charge(declared.business, sample.cpus, {});
    }
  }
}

void Services::take_resources(const Tick& tick) {
  const ResourceReadings* readings =
      read_resources_ ? read_resources_(tick.readings->services, tick.now)
                      : nullptr;
  if (readings == nullptr) {
    judge(tick.now, tick.now.time_since_epoch());
    return;
  }
  host_memory_ = static_cast<double>(readings->host_memory);
  std::size_t last = 0;
  for (const ResourceReading& reading : readings->replicas) {
    Service* found = find(reading.service, last);
    if (found == nullptr || found->limits.idle()) continue;
    Service& service = *found;
    service.limits.resources(reading, readings->since_boot, first_);
    if (!reading.memory) continue;
    const auto memory = static_cast<double>(*reading.memory);
    service.memory_bytes = service.memory_bytes.value_or(0) + memory;
    const Declaration& declared = service.config->declaration;
    if (!declared.pool.empty()) pools_.charge(declared.pool, {}, memory);
    if (!declared.business.empty()) {
      businesses_.charge(declared.business, {}, memory);
    }
  }
  first_ = false;
  judge(tick.now, readings->since_boot);
}

void Services::judge(Instant now, Duration since_boot) {
  for (Service& service : services_) {
    service.limits.judge(now, since_boot, changes_);
    for (const LimitChange& change : changes_) {
      dispatcher_.notify(notification_of(*service.config, change));
    }
    changes_.clear();
  }
}

void Services::count_replicas(const Tick& tick) {
  std::size_t last = 0;
  for (const auto& [workload, reading] : tick.readings->services) {
    Service* found = find(workload, last);
    if (found != nullptr) ++found->replicas;
  }
  std::vector<std::size_t> counts(services_.size());
  std::transform(services_.begin(), services_.end(), counts.begin(),
                 [](const Service& service) { return service.replicas; });
  if (counts == replicas_) return;
  replicas_ = std::move(counts);
  std::map<std::string, std::size_t> here;
  for (const Service& service : services_) {
    if (service.replicas > 0) here[service.config->name] = service.replicas;
  }
  const auto totals = pool_totals(config_.services, here);
  for (auto& [name, instance] : pool_instances_) instance.promised.reset();
  for (const auto& [name, total] : totals) {
    pool_instances_[name].promised = total;
  }
  warn_of_promises(totals, tick.readings->host.online_cpus);
}

void Services::warn_of_promises(const std::map<std::string, PoolTotal>& totals,
                                int cpus) {
  PoolTotal all;
  std::string pools;
  for (const auto& [name, total] : totals) {
    all.cpus += total.cpus;
    all.memory_bytes += total.memory_bytes;
    pools +=
        fmt::format("{}{} {:g}", pools.empty() ? "" : ", ", name, total.cpus);
  }
  const bool too_much =
      all.cpus > cpus || (host_memory_ > 0 && all.memory_bytes > host_memory_);
  Notification notification;
  notification.alert = too_much ? Alert::warning : Alert::okay;
  notification.instance = "host";
  notification.type_instance = "declared_cpus";
  notification.message =
      too_much
          ? fmt::format("promised on this host: {:g} of {} CPUs, {} of {} ({})",
                        all.cpus, cpus, approximate_bytes(all.memory_bytes),
                        approximate_bytes(host_memory_), pools)
          : "what is promised on this host fits it again";
  notification.metadata = {{"CurrentValue", all.cpus},
                           {"threshold", static_cast<double>(cpus)}};
  alarms_.report("promises", notification);
}

void Services::publish(const Tick& tick) {
  values_.clear();
  for (const Service& service : services_) {
    if (!service.limits.idle()) publish(service);
  }
  const int cpus = tick.readings->host.online_cpus;
  publish(pools_, pool_instances_, "pool_", cpus);
  publish(businesses_, business_instances_, "business_", cpus);
  if (!values_.empty()) dispatcher_.publish(values_);
}

void Services::publish(const Service& service) {
  const std::string_view instance = service.instance;
  if (service.memory_bytes) {
    values_.push_back({instance, "memory", "used", *service.memory_bytes});
  }
  const Declaration& declared = service.config->declaration;
  if (declared.restarts && service.replicas > 0) {
    values_.push_back({instance, "gauge", "restarts",
                       static_cast<double>(service.limits.restarts())});
  }
  if (declared.metrics.requests.empty()) return;
  const Traffic& traffic = service.limits.traffic();
  if (const auto rate = traffic.success_rate()) {
    values_.push_back({instance, "percent", "success_rate", *rate * kPercent});
  }
  if (const auto rate = traffic.rate()) {
    values_.push_back({instance, "gauge", "requests", *rate});
  }
}

void Services::publish(const Accounts& accounts,
                       std::map<std::string, Instance>& instances,
                       std::string_view prefix, int cpus) {
  constexpr double kMiB = 1 << 20;
  constexpr double kMilliseconds = 1000;
  for (const auto& [name, account] : accounts.all()) {
    Instance& instance = instances[name];
    if (instance.name.empty()) instance.name = instance_of(prefix, name);
    const std::string_view series = instance.name;
    if (account.cpus) {
      values_.push_back(
          {series, "total_time_in_ms", "cpu",
           static_cast<std::int64_t>(account.cpu_seconds * kMilliseconds)});
      values_.push_back({series, "gauge", "cpus", *account.cpus});
      values_.push_back(
          {series, "percent", "cpu_usage", *account.cpus / cpus * kPercent});
    }
    if (account.memory_bytes) {
      values_.push_back(
          {series, "derive", "memory_mib_seconds",
           static_cast<std::int64_t>(account.memory_byte_seconds / kMiB)});
      values_.push_back({series, "memory", "used", *account.memory_bytes});
      if (host_memory_ > 0) {
        values_.push_back({series, "percent", "memory",
                           *account.memory_bytes / host_memory_ * kPercent});
      }
    }
    if (!instance.promised) continue;
    values_.push_back(
        {series, "gauge", "declared_cpus", instance.promised->cpus});
    values_.push_back(
        {series, "memory", "declared", instance.promised->memory_bytes});
  }
}

void Services::save_if_changed() {
  std::uint64_t version = 0;
  for (const Service& service : services_) version += service.limits.version();
  if (version == saved_version_) return;
  saved_version_ = version;
  save();
}

void Services::save() {
  LimitsFile file;
  file.boot_id = boot_id_;
  for (const Service& service : services_) {
    if (service.limits.idle()) continue;
    file.services.emplace(service.config->name, service.limits.state());
  }
  saver_.save(path_, limits_to_json(file));
}

void Services::stop() {
  if (!thread_.joinable()) return;
  save();
  saver_.stop();
  thread_.join();
}

}  // namespace cpi
