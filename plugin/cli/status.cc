// cpictl status, cpictl release: what is held back now, and giving it back.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "actuate/order.h"
#include "actuate/spawn_actuator.h"
#include "cli/commands.h"
#include "cli/status_text.h"
#include "store/atomic_file.h"
#include "store/config_json.h"
#include "store/model_json.h"

namespace cpi {
namespace {

constexpr std::size_t kIncidents = 10;
// Twice what a journal is rotated at by default.
constexpr std::size_t kMaxJournal = 32 << 20;

struct Options {
  std::string state_dir = "/var/lib/collectd/cpi";
  std::vector<std::string> cgroups;
  bool all = false;
};

double wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

Result<StateFile> read_state(const std::string& state_dir) {
  const auto text = read_file(state_path(state_dir));
  if (!text) return fail(text);
  return parse_state(*text);
}

// The latest ones; anomalies are too many to be told.
std::vector<JournalEntry> read_incidents(const std::string& state_dir) {
  std::vector<JournalEntry> incidents;
  const auto text = read_file(state_dir + "/anomalies.jsonl", kMaxJournal);
  if (!text) return incidents;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    auto entry = parse_line(line);
    if (!entry || entry->event == JournalEntry::Event::anomaly) continue;
    incidents.push_back(*std::move(entry));
    if (incidents.size() > kIncidents) incidents.erase(incidents.begin());
  }
  return incidents;
}

ModelFacts read_facts(const std::string& state_dir,
                      const std::string& service) {
  ModelFacts facts;
  facts.service = service;
  const std::string path = model_path(state_dir + "/models", service);
  struct stat info {};
  const auto file = read_model(path);
  if (!file || ::stat(path.c_str(), &info) != 0) return facts;
  facts.saved_s = static_cast<double>(info.st_mtim.tv_sec);
  for (const auto& signal : file->signals) {
    if (!signal || signal->samples < facts.samples) continue;
    facts.samples = signal->samples;
    facts.observed = signal->observed;
  }
  return facts;
}

Result<HelperReply> ask_helper(const Config& config) {
  SpawnActuator helper({.path = config.actuate.helper});
  if (const auto ready = helper.check(); !ready) return fail(ready);
  const auto answer = helper.run(Command::status());
  if (!answer) return fail(answer);
  if (const auto well = success(*answer); !well) return fail(well);
  return parse_reply(answer->reply);
}

int show_status(const Options& options) {
  const auto config = load_config(options.state_dir + "/config.json");
  if (!config) return report(config.error());
  StatusFacts facts;
  facts.now = std::chrono::steady_clock::now();
  facts.wall_s = wall_clock();
  facts.boot_id = read_boot_id();
  facts.state = read_state(options.state_dir);
  facts.incidents = read_incidents(options.state_dir);
  for (const ServiceConfig& service : config->services) {
    facts.models.push_back(read_facts(options.state_dir, service.name));
  }
  facts.helper = ask_helper(*config);
  fmt::print("{}", status_text(facts));
  return 0;
}

// What the helper is to release, by its names.
Result<std::vector<std::string>> targets_of(const Options& options,
                                            const Config& config) {
  std::vector<std::string> targets;
  if (options.all) return std::vector<std::string>{""};
  const auto text = read_file(config.actuate.allowlist);
  if (!text) return fail(text);
  auto aliases = parse_allowlist(*text);
  if (!aliases) return fail(aliases);
  const Aliases names(*std::move(aliases));
  for (const std::string& cgroup : options.cgroups) {
    auto target = names.target_of(cgroup);
    if (!target) {
      return fail(
          0, cgroup + " is not below any alias of " + config.actuate.allowlist);
    }
    targets.push_back(*std::move(target));
  }
  return targets;
}

int release(const Options& options) {
  if (options.all == !options.cgroups.empty()) {
    fmt::print(stderr, "name the cgroups to release, or --all\n");
    return 2;
  }
  const auto config = load_config(options.state_dir + "/config.json");
  if (!config) return report(config.error());
  const auto targets = targets_of(options, *config);
  if (!targets) return report(targets.error());
  SpawnActuator helper({.path = config->actuate.helper});
  int status = 0;
  for (const std::string& target : *targets) {
    const auto answer = helper.run(target.empty() ? Command::release_all()
                                                  : Command::release(target));
    const auto well = answer ? success(*answer) : Result<>(fail(answer));
    if (!well) status = report(well.error());
  }
  return status;
}

void add_state_dir(CLI::App& command, Options& options) {
  command.add_option("--state-dir", options.state_dir,
                     "Where the running plugin keeps its state");
}

}  // namespace

void add_status(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "status",
      "Print what is throttled, why and until when, whether the host is "
      "frozen, the latest incidents, and how old the models are");
  add_state_dir(*command, *options);
  command->callback([options, &status] { status = show_status(*options); });
}

void add_release(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "release",
      "Give throttled cgroups their own quota back; the plugin then leaves "
      "them alone for HoldTime");
  command->add_option("CGROUP", options->cgroups,
                      "path from the root of the hierarchy");
  command->add_flag("--all", options->all, "everything that is throttled");
  add_state_dir(*command, *options);
  command->callback([options, &status] { status = release(*options); });
}

}  // namespace cpi
