#include "collectd/plugin.h"

#include <fmt/format.h>

#include <algorithm>

#include "collectd/notices.h"
#include "store/atomic_file.h"
#include "store/config_json.h"

namespace cpi {
namespace {

// Intervals: it is renewed at half, by a read that may be late.
constexpr int kMinLease = 3;

}  // namespace

Plugin::Plugin(Dispatcher& dispatcher, LogSink log, SourceFactory source,
               KeyOfHost host)
    : dispatcher_(dispatcher),
      log_(std::move(log)),
      make_source_(std::move(source)),
      host_(std::move(host)),
      complaints_(log_),
      missing_cpi_(log_),
      alarms_(dispatcher) {}

void Plugin::configure(const oconfig_item_t& block) {
  const std::size_t global_errors = parsed_.global_errors.size();
  const std::size_t skipped_blocks = parsed_.skipped_blocks.size();
  parsed_.continuations.clear();
  merge_config(block, parsed_);
  for (std::size_t i = global_errors; i < parsed_.global_errors.size(); ++i) {
    log_(Severity::error,
         parsed_.global_errors[i] + "; idle until this is corrected");
  }
  for (std::size_t i = skipped_blocks; i < parsed_.skipped_blocks.size(); ++i) {
    log_(Severity::error, parsed_.skipped_blocks[i]);
  }
  for (const std::string& line : parsed_.continuations) {
    log_(Severity::error, line);
  }
}

bool Plugin::start(const std::string& base_dir, Duration interval) {
  if (!parsed_.global_errors.empty()) {
    return idle(parsed_.global_errors.front());
  }
  Config& config = parsed_.config;
  if (config.counters.count_time >= interval) {
    const std::string reason = fmt::format(
        "CountTime {:g}: expected less than the Interval of {:g} seconds; idle "
        "until this is corrected",
        to_seconds(config.counters.count_time), to_seconds(interval));
    log_(Severity::error, reason);
    return idle(reason);
  }
  lengthen_lease(interval);
  save_config(base_dir);
  auto source = make_source_(config, log_);
  if (!source) {
    log_(Severity::error, source.error().message());
    return idle(source.error().message());
  }
  Collector* collector = source->collector.get();
  auto means = prepare_to_act(config, source->identify);
  restore_state(config);
  pipeline_.emplace(config, std::move(source->collector), state_.state);
  hands_.emplace(std::move(means), config.state_dir, log_);
  report_.emplace(config);
  models_.emplace(config, config.state_dir, interval, host_, log_);
  history_.emplace(config, config.state_dir, interval, log_);
  latency_.listen(config.services);
  services_.emplace(config, config.state_dir, state_.boot_id, dispatcher_, log_,
                    std::move(source->resources));
  file_descriptors_ = std::move(source->file_descriptors);
  const auto started = duty_cycle_.start(config.counters.count_time,
                                         [collector] { collector->pause(); });
  if (!started) log_(Severity::error, started.error().message());
  return true;
}

bool Plugin::read(Instant now) {
  notify_of_configuration();
  for (const auto& [service, value] : latency_.take()) {
    pipeline_->watch(service).latency(value, now);
    history_->latency(service, value);
  }
  hear_news(now);
  const auto began = std::chrono::steady_clock::now();
  std::optional<DutyCycle::Read> reading(std::in_place, duty_cycle_);
  const auto tick = pipeline_->tick(now);
  HostStatus host;
  host.file_descriptors = file_descriptors_();
  reading.reset();
  if (!tick) {
    complaints_.raise("collect", Severity::error, tick.error().message());
    return false;
  }
  complaints_.settle("collect", "reading the kernel works again");
  host.config_errors = parsed_.skipped_blocks.size();
  host.read_time = std::chrono::steady_clock::now() - began;
  missing_cpi_.look_at(tick->samples->services);
  models_->keep(*pipeline_, *tick);
  history_->keep(*tick);
  dispatcher_.publish(report_->values(*tick, host));
  act(*tick);
  services_->tick(*tick);
  return true;
}

void Plugin::stop() {
  duty_cycle_.stop();
  if (models_) models_->save_and_stop(*pipeline_);
  models_.reset();
  services_.reset();
  history_.reset();
  hands_.reset();
  report_.reset();
  pipeline_.reset();
}

void Plugin::hear_news(Instant now) {
  const News news = hands_->news();
  for (const ActionOutcome& outcome : news.outcomes) {
    pipeline_->policy().report(outcome, now);
  }
  if (news.in_force) pipeline_->policy().reconcile(*news.in_force, now);
}

void Plugin::act(const Tick& tick) {
  state_.state = *tick.policy;
  hands_->hand_over(tick.decision->actions, state_);
  const Config& config = parsed_.config;
  const bool off =
      config.policy.act && is_switched_off(config.actuate.allowlist);
  for (const Notification& notification :
       notifications_of(tick, config.services, off)) {
    dispatcher_.notify(notification);
  }
}

std::optional<Means> Plugin::prepare_to_act(Config& config, Identify identify) {
  if (!config.policy.act) return std::nullopt;
  auto means = means_of(config.actuate, std::move(identify));
  if (means) return *std::move(means);
  cannot_act_ =
      "Act is on, but nothing can be done: " + means.error().message() +
      "; only said until collectd starts again";
  log_(Severity::error, cannot_act_);
  config.policy.act = false;
  return std::nullopt;
}

void Plugin::restore_state(const Config& config) {
  state_.boot_id = read_boot_id();
  state_.act = config.policy.act;
  state_.state.seed = std::hash<std::string>{}(state_.boot_id);
  const std::string path = state_path(config.state_dir);
  const auto text = read_file(path);
  if (!text) return;
  auto saved = parse_state(*text);
  if (!saved) {
    log_(Severity::warning, path + ": " + saved.error().message() +
                                "; what was remembered of containers is lost");
    set_aside(path);
    return;
  }
  // Throttles of a dry run are none, and times of another boot say nothing.
  const bool holds =
      saved->boot_id == state_.boot_id && saved->act == state_.act;
  if (holds) state_ = *std::move(saved);
}

// A shorter one ends before it can be renewed.
void Plugin::lengthen_lease(Duration interval) {
  Duration& lease = parsed_.config.policy.throttle.lease;
  if (lease >= kMinLease * interval) return;
  log_(Severity::warning,
       fmt::format("Lease {:g}: too short to be renewed at an Interval of {:g} "
                   "seconds; {:g} is used",
                   to_seconds(lease), to_seconds(interval),
                   to_seconds(kMinLease * interval)));
  lease = kMinLease * interval;
}

bool Plugin::listens() const {
  const auto& services = parsed_.config.services;
  return name_metrics(services) ||
         std::any_of(services.begin(), services.end(), [](const auto& service) {
           return !service.latency_metric.empty();
         });
}

bool Plugin::idle(const std::string& reason) {
  alarms_.report("idle", {.alert = Alert::failure,
                          .message = "cpi does nothing: " + reason,
                          .instance = "host",
                          .type_instance = "config_errors"});
  return false;
}

// What cpictl reads. Counting works without it.
void Plugin::save_config(const std::string& base_dir) {
  std::string& directory = parsed_.config.state_dir;
  if (directory.empty()) directory = base_dir + "/cpi";
  const auto saved =
      cpi::save_config(directory + "/config.json", parsed_.config);
  if (!saved) {
    log_(Severity::warning, saved.error().message() +
                                "; cpictl cannot see this configuration until "
                                "StateDir can be written to");
  }
}

// Not before the first read: while the daemon initialises, the plugins that
// pass notifications on may not be ready.
void Plugin::notify_of_configuration() {
  if (!cannot_act_.empty()) {
    alarms_.report("act", {.alert = Alert::failure,
                           .message = cannot_act_,
                           .instance = "host",
                           .type_instance = "config_errors"});
  }
  for (const std::string& skipped : parsed_.skipped_blocks) {
    alarms_.report(
        skipped,
        {.alert = Alert::warning,
         .message = skipped,
         .instance = "host",
         .type_instance = "config_errors",
         .metadata = {{"CurrentValue",
                       static_cast<double>(parsed_.skipped_blocks.size())}}});
  }
}

}  // namespace cpi
