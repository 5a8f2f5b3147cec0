#include "cli/checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>

namespace cpi {
namespace {

using State = Check::State;

// A controller and what the plugin does without it.
struct Need {
  const char* controller;
  State without;
  const char* consequence;
};

// The remedy has a line of its own.
std::string without_remedy(const Error& error) {
  return Error{error.code, error.what, ""}.message();
}

constexpr Need kNeeds[] = {
    {"cpu", State::missing, "no cgroups to watch, no quota to turn down"},
    {"cpuacct", State::warn, "no CPU usage"},
    {"perf_event", State::warn, "no CPI: counters per cgroup need it"},
    {"memory", State::warn, "no memory in the cost accounting"},
    {"unified", State::warn,
     "no cpu.pressure: CPU wait is read of every thread"},
};

Check controller(const HostFacts& facts, const Need& need) {
  const auto where = facts.controllers.find(need.controller);
  const std::string name = std::string("cgroup ") + need.controller;
  if (where != facts.controllers.end()) {
    return {name, State::ok, where->second, "", ""};
  }
  return {name, need.without, "not mounted", need.consequence,
          "mount cgroup2 on /sys/fs/cgroup, or enable the controller at boot"};
}

Check pmu(const HostFacts& facts) {
  if (!facts.counting) {
    return {"pmu", State::ok, "cycles and instructions count", "", ""};
  }
  return {"pmu", State::warn, without_remedy(*facts.counting),
          "no CPI on this host; CPU wait, usage and throttling work",
          facts.counting->remedy};
}

Check permission(const HostFacts& facts) {
  const std::string paranoid =
      facts.paranoid ? std::to_string(*facts.paranoid) : "unknown";
  const std::string found = fmt::format(
      "perf_event_paranoid {}, CAP_PERFMON or CAP_SYS_ADMIN {} by "
      "{}",
      paranoid, facts.can_perfmon ? "held" : "not held", facts.process);
  const int level = facts.paranoid.value_or(2);
  if (facts.can_admin || level <= 0 || (facts.can_perfmon && level <= 2)) {
    return {"permission", State::ok, found, "", ""};
  }
  const char* consequence = "the kernel refuses to count other programs";
  if (facts.can_perfmon) {
    // Levels above 2 are a distribution's own; elsewhere they are 2.
    const bool refused = facts.counting && facts.counting->code == EACCES;
    return {"permission", refused ? State::missing : State::warn, found,
            consequence,
            "set kernel.perf_event_paranoid to 2: above, kernels of Debian and "
            "Ubuntu want CAP_SYS_ADMIN"};
  }
  return {"permission", State::missing, found, consequence,
          "run as root, or give CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8), "
          "or set kernel.perf_event_paranoid to 0"};
}

Check cgroup_events(const HostFacts& facts) {
  if (!facts.cgroup_counting) {
    return {"cgroup events", State::ok, "a cgroup can be counted", "", ""};
  }
  // On cgroup v2 where nothing ever enabled a controller the kernel knows no
  // cgroup of its own for perf.
  return {"cgroup events", State::missing,
          without_remedy(*facts.cgroup_counting), "no counters per cgroup",
          facts.cgroup_counting->remedy};
}

Check core_types(const HostFacts& facts) {
  if (facts.core_types.empty()) {
    return {"core types", State::ok, "one kind of cores", "", ""};
  }
  const std::string found =
      fmt::format("{}", fmt::join(facts.core_types, ", "));
  if (facts.cpus_chosen) return {"core types", State::ok, found, "", ""};
  return {"core types", State::warn, found,
          "CPI is withheld: cycles of different cores are not comparable",
          "name the CPUs of one kind with CPUs"};
}

Check pressure(const HostFacts& facts) {
  if (facts.pressure) {
    return {"pressure", State::ok, "PSI is on", "", ""};
  }
  return {"pressure", State::warn, "PSI is off",
          "CPU wait is summed over every thread: dearer and coarser",
          "boot with psi=1"};
}

Check no_new_privileges(const HostFacts& facts) {
  if (!facts.no_new_privileges) {
    return {"no new privileges", State::ok, "not set for " + facts.process, "",
            ""};
  }
  return {"no new privileges", State::warn, "set for " + facts.process,
          "a setuid helper gains nothing: quotas cannot be changed",
          "NoNewPrivileges=no in the unit of collectd"};
}

Check configuration(const HostFacts& facts) {
  if (facts.configuration) {
    return {"configuration", State::warn, without_remedy(*facts.configuration),
            "what it would need here is unknown", facts.configuration->remedy};
  }
  const std::string found =
      fmt::format("{} services, {} batch blocks", facts.services, facts.batch);
  if (!facts.complaints.empty()) {
    return {"configuration", State::warn,
            fmt::format("{}; {}", found, fmt::join(facts.complaints, "; ")),
            "the blocks named are skipped", "correct them"};
  }
  if (facts.services == 0) {
    return {"configuration", State::warn, found, "nothing to protect",
            "add a <Service> block: conf.d/20-services.conf.example"};
  }
  if (facts.matched && !facts.matched->empty_blocks.empty()) {
    return {"configuration", State::warn,
            fmt::format("{}; no cgroup of this host matches {}", found,
                        fmt::join(facts.matched->empty_blocks, ", ")),
            "nothing is measured for them until one does",
            "compare with systemd-cgls; paths begin below the mount point"};
  }
  return {"configuration", State::ok, found, "", ""};
}

Check file_descriptors(const HostFacts& facts) {
  const std::size_t needed = facts.matched ? facts.matched->fds_needed : 0;
  const std::string found =
      fmt::format("{} needed for {} cgroups, hard limit of {} {}", needed,
                  facts.matched ? facts.matched->cgroups : 0, facts.process,
                  facts.fd_limit);
  if (needed <= facts.fd_limit) {
    return {"file descriptors", State::ok, found, "", ""};
  }
  return {"file descriptors", State::missing, found,
          "some cgroups are not counted",
          fmt::format("LimitNOFILE={} in the unit of collectd", 2 * needed)};
}

Check daemon(const HostFacts& facts) {
  if (!facts.collectd) {
    return {"collectd", State::missing, "not found", "nothing runs the plugin",
            "apt-get install collectd-core"};
  }
  if (!facts.daemon_configured && !facts.running) {
    return {"collectd", State::warn, *facts.collectd + ", no collectd.conf",
            "its unit is skipped without a word",
            "apt-get install collectd, or write /etc/collectd/collectd.conf"};
  }
  const bool right = facts.collectd->starts_with("5.");
  return {"collectd", right ? State::ok : State::missing, *facts.collectd,
          right ? "" : "the plugin is written for collectd 5",
          right ? "" : "install collectd 5.12"};
}

Check module(const HostFacts& facts) {
  if (facts.plugin_path) {
    return {"plugin", State::ok, *facts.plugin_path, "", ""};
  }
  return {"plugin", State::missing, "no cpi.so in collectd's plugin folder",
          "collectd refuses to start with LoadPlugin cpi",
          "cmake --install build/release"};
}

}  // namespace

std::string_view to_string(Check::State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::warn:
      return "warn";
    case State::missing:
      return "missing";
  }
  return "unknown";
}

std::vector<Check> judge(const HostFacts& facts) {
  std::vector<Check> checks = {daemon(facts),        module(facts),
                               configuration(facts), pmu(facts),
                               permission(facts),    cgroup_events(facts),
                               core_types(facts),    pressure(facts)};
  for (const Need& need : kNeeds) checks.push_back(controller(facts, need));
  checks.push_back(file_descriptors(facts));
  checks.push_back(no_new_privileges(facts));
  return checks;
}

bool all_needed_is_there(const std::vector<Check>& checks) {
  return std::none_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.state == State::missing;
  });
}

}  // namespace cpi
