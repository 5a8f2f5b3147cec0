// Asks the host what checks.h judges.
#ifndef CPI_CLI_HOST_FACTS_H_
#define CPI_CLI_HOST_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/checks.h"
#include "cli/config_source.h"
#include "counters/kernel_collector.h"

namespace cpi {

struct FactSources {
  // proc, sys, perf and mounts: the real ones, or a test's.
  Environment environment;
  ConfigSource config;
  // Where distributions have the daemon's own configuration.
  std::vector<std::string> daemon_configs = {"/etc/collectd/collectd.conf",
                                             "/etc/collectd.conf"};
};

// Opens some counters for a moment and closes them again; changes nothing.
// Runs the daemon to learn its version and to parse a configuration.
HostFacts gather_facts(const FactSources& sources);

// "CapEff:" and "NoNewPrivs:" of /proc/PID/status.
void take_status(std::string_view status, HostFacts& facts);

// The hard limit of "Max open files" in /proc/PID/limits.
void take_limits(std::string_view limits, HostFacts& facts);

// Where each controller is, in words.
std::map<std::string, std::string> describe(const std::vector<Mount>& mounts);

}  // namespace cpi

#endif  // CPI_CLI_HOST_FACTS_H_
