// What the plugin does in each of the daemon's callbacks. module.cc binds it to
// them; here nothing depends on a running daemon.
//
//   configure  any number of times, before the daemon forks: no threads, no fds
//   start      once
//   read       every interval, never two at a time
//   stop       once, after the last read has returned
//
// The daemon must start whatever the configuration says: a bad <Service> or
// <Batch> block is left out, a bad global option idles the plugin as a whole.
#ifndef CPI_COLLECTD_PLUGIN_H_
#define CPI_COLLECTD_PLUGIN_H_

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "collectd/alarms.h"
#include "collectd/config.h"
#include "collectd/dispatcher.h"
#include "collectd/duty_cycle.h"
#include "collectd/hands.h"
#include "collectd/history_keeper.h"
#include "collectd/latency.h"
#include "collectd/missing_cpi.h"
#include "collectd/model_keeper.h"
#include "collectd/report.h"
#include "collectd/services.h"
#include "collectd/source.h"
#include "pipeline.h"

namespace cpi {

class Plugin {
 public:
  // REQUIRES: the dispatcher outlives this.
  Plugin(
      Dispatcher& dispatcher, LogSink log, SourceFactory source,
      KeyOfHost host = [] { return ModelKey(); });

  // Merges one <Plugin cpi> block, and says what is wrong with it at once.
  void configure(const oconfig_item_t& block);

  // Writes config.json, opens the counters. False: the plugin is idle, the
  // reason has been logged and notified, and read() must not be called.
  bool start(const std::string& base_dir, Duration interval);

  // Collects and publishes once. False when nothing at all could be read; why
  // is logged when it begins, not every time.
  bool read(Instant now);

  // Another plugin published a value of this host: any thread, at any time
  // between start and stop.
  void hear(const std::string& identifier, double value) {
    latency_.hear(identifier, value);
  }
  // The same, of every kind of series.
  void hear(const std::string& identifier, const MetricValue& value) {
    if (value.kind == MetricValue::Kind::rate) hear(identifier, value.value);
    if (services_) services_->hear(identifier, value);
  }
  // Whether any service wants to.
  [[nodiscard]] bool listens() const;

  // Closes everything, saves the models. Nothing but destruction may follow.
  void stop();

 private:
  bool idle(const std::string& reason);
  void save_config(const std::string& base_dir);
  void notify_of_configuration();
  // What it takes to act. Where that is not there although it is wanted, says
  // so and turns `Act` off.
  std::optional<Means> prepare_to_act(Config& config, Identify identify);
  // What the policy knew before this start, if that still holds.
  void restore_state(const Config& config);
  void lengthen_lease(Duration interval);
  // What became of earlier decisions.
  void hear_news(Instant now);
  void act(const Tick& tick);

  Dispatcher& dispatcher_;
  LogSink log_;
  SourceFactory make_source_;
  KeyOfHost host_;
  ParsedConfig parsed_;
  Complaints complaints_;
  MissingCpi missing_cpi_;
  Alarms alarms_;
  std::optional<Pipeline> pipeline_;
  std::optional<Report> report_;
  std::optional<Hands> hands_;
  std::string cannot_act_;  // why, where it should; empty: all is well
  StateFile state_;         // what the latest tick left
  std::optional<ModelKeeper> models_;
  std::optional<HistoryKeeper> history_;
  std::optional<Services> services_;
  Latency latency_;
  std::function<std::size_t()> file_descriptors_;
  DutyCycle duty_cycle_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_PLUGIN_H_
