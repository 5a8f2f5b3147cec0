#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/report_file.h"
#include "store/config_json.h"
#include "store/history_file.h"
#include "store/model_json.h"

namespace cpi {
namespace {

struct Options {
  std::string state_dir = "/var/lib/collectd/cpi";
  std::vector<std::string> services;
  double since_s = 86400;
  ReportOptions report;
};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<std::vector<std::string>> services_of(const Options& options) {
  const auto there = services_with_history(options.state_dir + "/history");
  for (const std::string& wanted : options.services) {
    if (std::find(there.begin(), there.end(), wanted) == there.end()) {
      return fail(0, "there is no history of " + wanted,
                  there.empty() ? "is StateDir " + options.state_dir + "?"
                                : fmt::format("there is one of {}",
                                              fmt::join(there, ", ")));
    }
  }
  return options.services.empty() ? there : options.services;
}

ServiceStory story_of(const std::string& service, const Options& options,
                      const Config& config) {
  ServiceStory story;
  story.history = read_history(options.state_dir + "/history", service);
  story.signal = config.model.signal == "ns_per_instruction"
                     ? Signal::ns_per_instruction
                     : Signal::cpi;
  auto file = read_model(model_path(options.state_dir + "/models", service));
  if (file) {
    story.model = std::move(file->signals[static_cast<int>(story.signal)]);
  } else if (file.error().code != ENOENT) {
    story.history.remarks.push_back(file.error().message());
  }
  return story;
}

int run(const Options& options) {
  if (!std::isfinite(options.since_s)) {
    return report({0, "--since: expected a number of s, m, h or d", {}});
  }
  const auto services = services_of(options);
  if (!services) return report(services.error());
  Story story;
  Config config;
  if (auto read = load_config(options.state_dir + "/config.json"); read) {
    config = *std::move(read);
  } else {
    story.remarks.push_back(read.error().message() +
                            "; the defaults are assumed");
  }
  story.subject = host_name();
  story.to_ms = wall_clock_ms();
  story.from_ms =
      story.to_ms - static_cast<std::int64_t>(options.since_s * 1000);
  story.model = config.model;
  for (const std::string& service : *services) {
    story.services.push_back(story_of(service, options, config));
  }
  const auto written = write_report(std::move(story), options.report);
  return written ? 0 : report(written.error());
}

}  // namespace

void add_report(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  options->report.output = "report.html";
  auto* command = app.add_subcommand(
      "report",
      "Write one HTML page about what this host's plugin remembers: CPI and "
      "latency, what is normal, incidents, and what was done");
  command->add_option("--service", options->services,
                      "only of this service; may be given several times");
  command
      ->add_option("--since", options->since_s,
                   "how far back: a number of s, m, h or d")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, double>{
              {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}},
          CLI::AsNumberWithUnit::CASE_INSENSITIVE, "TIME"))
      ->check(CLI::Range(1.0, 1e9));
  command->add_option("--state-dir", options->state_dir,
                      "the plugin's StateDir");
  options->report.add_to(*command);
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
