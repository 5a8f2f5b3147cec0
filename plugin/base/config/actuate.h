// actuate/: where the setuid helper is. What it may do is not said here but in
// its own configuration, which only root can write.
#ifndef CPI_BASE_CONFIG_ACTUATE_H_
#define CPI_BASE_CONFIG_ACTUATE_H_

#include <string>

namespace cpi {

struct ActuateConfig {
  // The helper itself.
  std::string helper = "/usr/libexec/collectd-cpi/cpi-actuator";
  // The helper's configuration: read here as well, to learn by which names it
  // knows the cgroups that may be throttled.
  std::string allowlist = "/etc/collectd-cpi/actuator.json";

  friend bool operator==(const ActuateConfig&, const ActuateConfig&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_ACTUATE_H_
