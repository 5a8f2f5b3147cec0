// What the plugin asks of the daemon it runs in, collectd 5.
#ifndef CPI_COLLECTD_DAEMON_H_
#define CPI_COLLECTD_DAEMON_H_

#include <string>

#include "base/log.h"
#include "base/units.h"
#include "collectd/api.h"
#include "collectd/dispatcher.h"

namespace cpi {

class Plugin;

// Dispatches as plugin "cpi". Thread-safe, as the daemon's functions are.
class Daemon final : public Dispatcher {
 public:
  void publish(std::span<const Value> values) override;
  void notify(const Notification& notification) override;

  // Passes a single value of this host on, by its identifier
  // without the host.
  static void hear(const data_set_t& set, const value_list_t& list,
                   Plugin& plugin);

  // Logs under the plugin's name, on one line whatever the text holds.
  [[nodiscard]] static LogSink log();
  // The folder for what plugins keep, BaseDir. The daemon works in it, so that
  // "." will do where it is not set.
  [[nodiscard]] static std::string base_dir();
  // Time between two reads of the calling plugin.
  [[nodiscard]] static Duration interval();
};

}  // namespace cpi

#endif  // CPI_COLLECTD_DAEMON_H_
