#include "cli/host_facts.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <sstream>

#include "cli/child.h"
#include "counters/event_group.h"
#include "counters/files.h"
#include "counters/host.h"

namespace cpi {
namespace {

// linux/capability.h
constexpr int kCapSysAdmin = 21;
constexpr int kCapPerfmon = 38;

PerfApi& perf_of(const Environment& environment) {
  return environment.perf != nullptr ? *environment.perf : kernel_perf();
}

// Why a group of these events cannot be opened on the first CPU.
std::optional<Error> try_group(PerfApi& perf, const CountersConfig& config,
                               int cgroup) {
  const auto events = resolve_events(config);
  if (!events) return events.error();
  const auto group = EventGroup::open(perf, *events, cgroup, 0);
  if (!group) return group.error();
  return std::nullopt;
}

// Below the root, if there is any: the root can be counted even where nothing
// has enabled a controller and no other cgroup can.
std::string any_cgroup(const std::string& root) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    if (entry.is_directory(error)) return entry.path();
  }
  return root;
}

std::optional<Error> try_cgroup(PerfApi& perf, const std::vector<Mount>& mounts,
                                std::string_view proc_cgroups) {
  const auto hierarchies = choose_hierarchies(mounts, proc_cgroups);
  if (!hierarchies) return hierarchies.error();
  if (!hierarchies->perf) {
    return Error{0, "count a cgroup", "mount a hierarchy with perf_event"};
  }
  const auto cgroup = open_to_read(any_cgroup(hierarchies->perf->root),
                                   O_DIRECTORY | O_CLOEXEC);
  if (!cgroup) return cgroup.error();
  CountersConfig clocks;
  clocks.cycles_event = "cpu-clock";
  clocks.instructions_event = "task-clock";
  return try_group(perf, clocks, cgroup->get());
}

std::optional<std::string> version_of(const std::string& daemon) {
  std::error_code error;
  if (!std::filesystem::exists(daemon, error)) return std::nullopt;
  std::string log = std::filesystem::temp_directory_path(error);
  log += "/cpictl-XXXXXX";
  const UniqueFd file(mkostemp(log.data(), O_CLOEXEC));
  const auto help = run_child({daemon, "-h"}, log);
  std::filesystem::remove(log, error);
  if (!help) return std::nullopt;
  // "collectd 5.12.0, http://collectd.org/"
  const std::string mark = "\ncollectd ";
  const auto at = help->output.find(mark);
  if (at == std::string::npos) return "of unknown version";
  const auto from = at + mark.size();
  return help->output.substr(from,
                             help->output.find_first_of(", \n", from) - from);
}

template <class Block>
void add_empty(const std::string& kind, const std::vector<Block>& blocks,
               const std::vector<WorkloadReading>& readings,
               std::vector<std::string>& empty) {
  for (const Block& block : blocks) {
    const bool matches =
        std::any_of(readings.begin(), readings.end(),
                    [&](const auto& r) { return r.workload == block.name; });
    if (!matches) empty.push_back(kind + block.name);
  }
}

// What the configured cgroups would cost: the collector itself is asked.
std::optional<HostFacts::Matched> match(const Config& config,
                                        const Environment& environment) {
  auto collector = KernelCollector::create(
      config, [](Severity, const std::string&) {}, environment);
  if (!collector) return std::nullopt;
  const auto readings = (*collector)->collect(environment.clock());
  if (!readings) return std::nullopt;
  const CollectorStats stats = (*collector)->stats();
  HostFacts::Matched matched{stats.cgroups, stats.fds_needed, {}};
  add_empty("Service ", config.services, (*readings)->services,
            matched.empty_blocks);
  add_empty("Batch ", config.batch, (*readings)->batch, matched.empty_blocks);
  return matched;
}

void take_config(const FactSources& sources, HostFacts& facts, Config& config) {
  auto read = read_config(sources.config);
  if (!read) {
    facts.configuration = read.error();
    return;
  }
  config = std::move(read->config);
  facts.complaints = std::move(read->complaints);
  facts.services = config.services.size();
  facts.batch = config.batch.size();
  facts.cpus_chosen = !config.counters.cpus.empty();
  facts.matched = match(config, sources.environment);
}

// The folder of the process that would be judged, in `proc`: that of a running
// collectd, or "self".
std::string process_to_judge(const std::string& proc) {
  for (const std::string& name :
       list_directories(proc).value_or(std::vector<std::string>())) {
    if (parse_number(name) &&
        read_file(proc + "/" + name + "/comm").value_or("") == "collectd\n") {
      return name;
    }
  }
  return "self";
}

void take_process(const std::string& proc, HostFacts& facts) {
  const std::string process = process_to_judge(proc);
  facts.running = process != "self";
  if (facts.running) facts.process = "collectd, process " + process;
  const std::string folder = proc + "/" + process;
  take_status(read_file(folder + "/status").value_or(""), facts);
  take_limits(read_file(folder + "/limits").value_or(""), facts);
}

}  // namespace

void take_status(std::string_view status, HostFacts& facts) {
  for_each_line(status, [&](std::string_view line) {
    const std::string_view key = line.substr(0, line.find('\t'));
    const std::string_view value =
        line.substr(std::min(key.size() + 1, line.size()));
    if (key == "NoNewPrivs:") facts.no_new_privileges = value == "1";
    if (key != "CapEff:") return;
    unsigned long long bits = 0;
    std::from_chars(value.data(), value.data() + value.size(), bits, 16);
    facts.can_admin = ((bits >> kCapSysAdmin) & 1) != 0;
    facts.can_perfmon = facts.can_admin || ((bits >> kCapPerfmon) & 1) != 0;
  });
}

void take_limits(std::string_view limits, HostFacts& facts) {
  constexpr std::string_view kOpenFiles = "Max open files";
  for_each_line(limits, [&](std::string_view line) {
    if (!line.starts_with(kOpenFiles)) return;
    // Soft limit, hard limit, unit; both limits of this kind are numbers.
    std::istringstream values{std::string(line.substr(kOpenFiles.size()))};
    std::size_t soft = 0;
    values >> soft >> facts.fd_limit;
  });
}

std::map<std::string, std::string> describe(const std::vector<Mount>& mounts) {
  std::map<std::string, std::string> controllers;
  for (const Mount& mount : mounts) {
    const std::string where =
        (mount.unified ? "v2 at " : "v1 at ") + mount.path;
    for (const std::string& controller : mount.controllers) {
      controllers[controller] = where;
    }
    if (!mount.unified) continue;
    controllers["unified"] = where;
    // Of a unified hierarchy every cgroup has cpu.stat, and perf_event unless
    // that is mounted on its own.
    controllers.emplace("cpuacct", where);
    controllers.emplace("perf_event", where);
  }
  for (const Mount& mount : mounts) {
    if (mount.unified) continue;
    for (const std::string& controller : mount.controllers) {
      controllers[controller] = "v1 at " + mount.path;
    }
  }
  return controllers;
}

HostFacts gather_facts(const FactSources& sources) {
  const Environment& environment = sources.environment;
  HostFacts facts;
  Config config;
  take_config(sources, facts, config);

  PerfApi& perf = perf_of(environment);
  facts.counting = try_group(perf, config.counters, PerfApi::kWholeCpu);
  const auto mounts = environment.mounts
                          ? Result<std::vector<Mount>>(*environment.mounts)
                          : find_mounts(environment.proc);
  if (mounts) {
    facts.controllers = describe(*mounts);
    facts.cgroup_counting = try_cgroup(
        perf, *mounts, read_file(environment.proc + "/cgroups").value_or(""));
  }
  if (const auto text =
          read_file(environment.proc + "/sys/kernel/perf_event_paranoid")) {
    int paranoid = 0;
    if (std::from_chars(text->data(), text->data() + text->size(), paranoid)
            .ec == std::errc()) {
      facts.paranoid = paranoid;
    }
  }
  take_process(environment.proc, facts);
  facts.pressure = read_file(environment.proc + "/pressure/cpu").has_value();
  for (const CorePmu& pmu : core_pmus(environment.sys)) {
    facts.core_types.push_back(pmu.name);
  }
  if (facts.core_types.size() == 1) facts.core_types.clear();
  facts.collectd = version_of(sources.config.daemon);
  std::error_code error;
  facts.daemon_configured =
      std::any_of(sources.daemon_configs.begin(), sources.daemon_configs.end(),
                  [&](const std::string& path) {
                    return std::filesystem::exists(path, error);
                  });
  if (std::filesystem::is_regular_file(sources.config.module, error)) {
    facts.plugin_path = sources.config.module;
  }
  return facts;
}

}  // namespace cpi
