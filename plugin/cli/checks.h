// What a host offers the plugin and what it lacks, judged from facts alone.
#ifndef CPI_CLI_CHECKS_H_
#define CPI_CLI_CHECKS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cpi {

// Found out by gather_facts(); every field as it is, nothing judged.
struct HostFacts {
  // Where controllers live: "cpu" → "v1 at /sys/fs/cgroup/cpu,cpuacct". Keys
  // cpu, cpuacct, memory, perf_event, unified; absent: not mounted.
  std::map<std::string, std::string> controllers;
  // Why cycles and instructions cannot be counted on a CPU; nothing: they can.
  std::optional<Error> counting;
  // The same of the kernel's own clocks for one cgroup: needs no PMU.
  std::optional<Error> cgroup_counting;
  std::optional<int> paranoid;  // kernel.perf_event_paranoid
  // Whose rights and limits these are: those of a running collectd, of which
  // the plugin would be a part, or else of the asking process.
  std::string process = "this process";
  bool can_perfmon = false;  // CAP_PERFMON or CAP_SYS_ADMIN, effective
  bool can_admin = false;    // CAP_SYS_ADMIN, effective
  bool no_new_privileges = false;
  bool pressure = false;  // PSI is on
  // Several kinds of cores, by PMU name; empty where there is one kind.
  std::vector<std::string> core_types;
  bool cpus_chosen = false;  // the configuration names CPUs
  // The configuration, or why it cannot be read.
  std::optional<Error> configuration;
  std::vector<std::string> complaints;  // the daemon's, about it
  std::size_t services = 0;             // blocks
  std::size_t batch = 0;
  // cgroups that the blocks match here, and what they cost; absent: unknown.
  struct Matched {
    std::size_t cgroups = 0;
    std::size_t fds_needed = 0;
    std::vector<std::string> empty_blocks;  // that match none: "Service web"
  };
  std::optional<Matched> matched;
  std::size_t fd_limit = 0;                // RLIMIT_NOFILE of `process`, hard
  std::optional<std::string> collectd;     // its version
  bool daemon_configured = true;           // there is a collectd.conf
  bool running = false;                    // a collectd is
  std::optional<std::string> plugin_path;  // of cpi.so; absent: not found
};

struct Check {
  enum class State {
    ok,
    warn,    // the plugin works, without something
    missing  // the plugin cannot do its work
  };
  std::string name;
  State state = State::ok;
  std::string found;
  // Both empty where all is well.
  std::string consequence;
  std::string remedy;
};

std::string_view to_string(Check::State state);

// Every check, in the order in which they are worth reading.
std::vector<Check> judge(const HostFacts& facts);

// False if anything is missing.
bool all_needed_is_there(const std::vector<Check>& checks);

}  // namespace cpi

#endif  // CPI_CLI_CHECKS_H_
