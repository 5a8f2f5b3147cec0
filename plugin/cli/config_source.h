// Where cpictl gets the plugin's configuration from. There is one parser,
// collectd's own; cpictl reads what the plugin wrote down after it.
#ifndef CPI_CLI_CONFIG_SOURCE_H_
#define CPI_CLI_CONFIG_SOURCE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace cpi {

struct ConfigSource {
  // A file, or a folder of *.conf, not yet installed; Include is not followed.
  // Empty: the configuration that the running plugin wrote into `state_dir`.
  std::string file;
  std::string state_dir = "/var/lib/collectd/cpi";
  // Parse `file` with this daemon and this module.
  std::string daemon = "/usr/sbin/collectd";
  std::string module = CPI_PLUGIN_DIR "/cpi.so";
};

struct ReadConfig {
  Config config;
  // What the daemon said about `file`: skipped blocks and the like.
  std::vector<std::string> complaints;
};

// For `file`, starts a private daemon that reads everything once and exits:
// its own BaseDir and StateDir, no other plugin, no log.
Result<ReadConfig> read_config(const ConfigSource& source);

// What of a configuration concerns the plugin, as it stands and in its order:
// <Plugin cpi> blocks, LoadPlugin cpi with its Interval, the global Interval.
// Where nothing loads the plugin a line that does comes first. Empty when there
// are neither blocks nor LoadPlugin.
std::string plugin_configuration(std::string_view text);

}  // namespace cpi

#endif  // CPI_CLI_CONFIG_SOURCE_H_
