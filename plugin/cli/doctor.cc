// cpictl doctor: what this host offers, what is missing, and what to do.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/host_facts.h"
#include "store/records_json.h"

namespace cpi {
namespace {

void print_table(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    fmt::print("{:8} {:18} {}\n", to_string(check.state), check.name,
               check.found);
    if (!check.consequence.empty()) {
      fmt::print("{:27} so: {}\n", "", check.consequence);
    }
    if (!check.remedy.empty()) fmt::print("{:27} do: {}\n", "", check.remedy);
  }
}

Result<> print_json(const std::vector<Check>& checks) {
  std::vector<Record> records;
  for (const Check& check : checks) {
    records.push_back({{"name", check.name},
                       {"state", std::string(to_string(check.state))},
                       {"found", check.found},
                       {"consequence", check.consequence},
                       {"remedy", check.remedy}});
  }
  const auto json = records_to_json(records);
  if (!json) return fail(json);
  fmt::print("{}", *json);
  return {};
}

int examine(const FactSources& sources, bool json) {
  const std::vector<Check> checks = judge(gather_facts(sources));
  if (!json) {
    print_table(checks);
  } else if (const auto printed = print_json(checks); !printed) {
    fmt::print(stderr, "{}\n", printed.error().message());
    return 1;
  }
  return all_needed_is_there(checks) ? 0 : 1;
}

}  // namespace

void add_doctor(CLI::App& app, int& status) {
  auto* command = app.add_subcommand(
      "doctor", "Say what this host offers the plugin and what is missing");
  command->footer(
      "Exit code 0: nothing is missing that the plugin needs; warnings, such\n"
      "as a host without a PMU, do not count. 1: something is missing.");
  struct Options {
    FactSources sources;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  ConfigSource& config = options->sources.config;
  command->add_flag("--json", options->json, "Print a JSON array of checks");
  command->add_option("--config", config.file,
                      "File, or folder of *.conf, to be parsed by collectd");
  command->add_option("--state-dir", config.state_dir,
                      "Where the running plugin keeps its state");
  command->add_option("--module", config.module, "The plugin to look for");
  command->add_option("--daemon", config.daemon, "The collectd to look for");
  command->callback([options, &status] {
    status = examine(options->sources, options->json);
  });
}

}  // namespace cpi
