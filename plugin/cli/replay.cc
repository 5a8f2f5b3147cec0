#include "counters/replay.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/recorded_story.h"
#include "cli/report_file.h"
#include "pipeline.h"
#include "store/model_json.h"

namespace cpi {
namespace {

struct Options {
  std::string trace;
  std::string models;
  int cpus = 0;
  std::uint64_t warm_up_samples = 100;
  bool samples = false;
  ReportOptions report;
};

struct Totals {
  int samples = 0;
  int anomalies = 0;
  int incidents = 0;
};

std::string row_of(const Finding& finding, const Sample& sample,
                   const char* event) {
  const Score& score = finding.score;
  return fmt::format(
      "{:14.3f} {:20} {:9} {:>10.5g} at {:6.4f}, expected {:.5g} ± {:.3g} "
      "({}), {:+.1f} σ\n",
      to_seconds(sample.end.time_since_epoch()), sample.workload, event,
      score.value, score.usage, score.expected, score.standard_deviation,
      to_string(score.basis), score.deviation);
}

void print_change(const Finding& finding, const Sample& sample) {
  const Incident& incident = *finding.incident;
  fmt::print("{:14.3f} {:20} {:9} {}, {}, since {:.3f}: {:.1f} σ, × {:.2f}\n",
             to_seconds(sample.end.time_since_epoch()), sample.workload,
             finding.change == Change::opened ? "INCIDENT" : "recovered",
             to_string(incident.signal), to_string(incident.incident_class),
             to_seconds(incident.onset.time_since_epoch()), incident.deviation,
             incident.excess);
}

void print_sample(const Sample& sample) {
  const std::string cpi = sample.counted
                              ? fmt::format("{:.4f}", sample.counted->cpi())
                              : std::string(to_string(sample.counted.error()));
  fmt::print("{:14.3f} {:20} {:9} usage {:.5f} CPI {}\n",
             to_seconds(sample.end.time_since_epoch()), sample.workload,
             "sample", sample.cpu_usage.value_or(0), cpi);
}

void print(const Judgement& judgement, Totals& totals) {
  ++totals.samples;
  for (const auto& finding : judgement.findings) {
    if (!finding) continue;
    if (finding->score.anomaly) {
      ++totals.anomalies;
      fmt::print("{}", row_of(*finding, *judgement.sample, "anomaly"));
    }
    if (finding->change == Change::none || !finding->incident) continue;
    totals.incidents += finding->change == Change::opened;
    print_change(*finding, *judgement.sample);
  }
}

// A recording is short and has no batch of its own: no warm-up by time.
Config replay_config(const Options& options) {
  Config config;
  config.model.min_samples = static_cast<double>(options.warm_up_samples);
  config.model.warm_up = {};
  config.model.startup_grace = {};
  if (options.cpus == 0) config.model.noise_floor = 0;
  return config;
}

Result<> seed(Pipeline& pipeline, const Trace& trace,
              const std::string& directory) {
  if (directory.empty()) return {};
  for (const TraceRow& row : trace.rows) {
    Watch& watch = pipeline.watch(row.id);
    if (watch.learner(Signal::cpi).learning() == Learning::ready) continue;
    const auto file = read_model(model_path(directory, row.id));
    if (!file) return fail(file);
    watch.seed(file->signals);
  }
  return {};
}

std::vector<std::string> services_in(const Trace& trace) {
  std::set<std::string> names;
  for (const TraceRow& row : trace.rows) names.insert(row.id);
  return {names.begin(), names.end()};
}

int run(const Options& options) {
  auto trace = read_trace(options.trace);
  if (!trace) return report(trace.error());
  auto replay = std::make_unique<Replay>(*std::move(trace), options.cpus);
  const Replay& player = *replay;
  const Config config = replay_config(options);
  Pipeline pipeline(config, std::move(replay));
  if (auto seeded = seed(pipeline, player.trace(), options.models); !seeded) {
    return report(seeded.error());
  }
  if (!player.cpus_known()) {
    fmt::print("The number of CPUs is not known (--cpus): no noise floor.\n");
  }
  Progress progress("replay");
  Totals totals;
  double done = 0;
  RecordedStory story(options.trace, services_in(player.trace()));
  for (const Instant now : player.instants()) {
    const auto tick = pipeline.tick(now);
    if (!tick) return report(tick.error());
    story.add(*tick);
    for (const Judgement& judgement : *tick->judgements) {
      if (options.samples) print_sample(*judgement.sample);
      print(judgement, totals);
    }
    progress.show(++done / static_cast<double>(player.instants().size()));
  }
  fmt::print("{} samples, {} anomalies, {} incidents\n", totals.samples,
             totals.anomalies, totals.incidents);
  if (options.report.output.empty()) return 0;
  std::map<std::string, ServiceState> models;
  for (const auto& [service, watch] : pipeline.watches()) {
    models.emplace(service, watch.state());
  }
  const auto written =
      write_report(story.finish(models, config.model), options.report);
  return written ? 0 : report(written.error());
}

}  // namespace

void add_replay(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "replay",
      "Play a recording through the pipeline, and print anomalies "
      "and incidents");
  command->add_option("TRACE", options->trace, "the recording, a CSV file")
      ->required();
  command->add_option("--models", options->models,
                      "start from the models in this directory");
  command->add_flag("--samples", options->samples, "print every sample too");
  command->add_option("--min-samples", options->warm_up_samples,
                      "samples to learn before judging, without --models");
  command
      ->add_option("--cpus", options->cpus,
                   "CPUs of the recorded host, for the noise floor")
      ->check(CLI::NonNegativeNumber);
  options->report.add_to(*command);
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
