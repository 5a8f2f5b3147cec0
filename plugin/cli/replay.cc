#include "counters/replay.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/recorded_story.h"
#include "cli/recording.h"
#include "cli/report_file.h"
#include "pipeline.h"
#include "store/journal.h"
#include "store/json_text.h"
#include "store/model_json.h"

namespace cpi {
namespace {

struct Options {
  std::string trace;
  std::string models;
  int cpus = 0;
  std::uint64_t warm_up_samples = 100;
  bool samples = false;
  bool json = false;
  ReportOptions report;
};

struct Totals {
  int samples = 0;
  int anomalies = 0;
  int incidents = 0;
};

double seconds_of(const Sample& sample) {
  return to_seconds(sample.end.time_since_epoch());
}

// Where what happens is told.
class Teller {
 public:
  explicit Teller(const Options& options) : options_(options) {}

  void tell(const Judgement& judgement) {
    ++totals_.samples;
    if (options_.samples) tell_sample(*judgement.sample);
    for (const auto& finding : judgement.findings) {
      if (finding) tell(*finding, *judgement.sample);
    }
  }

  void finish() const {
    if (options_.json) {
      fmt::print(
          R"({{"event":"end","samples":{},"anomalies":{},"incidents":{}}})"
          "\n",
          totals_.samples, totals_.anomalies, totals_.incidents);
      return;
    }
    fmt::print("{} samples, {} anomalies, {} incidents\n", totals_.samples,
               totals_.anomalies, totals_.incidents);
  }

 private:
  using Event = JournalEntry::Event;

  void tell(const Finding& finding, const Sample& sample) {
    if (finding.score.anomaly) {
      ++totals_.anomalies;
      options_.json ? tell_json(Event::anomaly, finding, sample)
                    : tell_anomaly(finding.score, sample);
    }
    if (finding.change == Change::none || !finding.incident) return;
    const bool opened = finding.change == Change::opened;
    totals_.incidents += opened;
    options_.json
        ? tell_json(opened ? Event::incident : Event::recovery, finding, sample)
        : tell_change(*finding.incident, opened, sample);
  }

  // The lines are those of the daemon's journal.
  static void tell_json(Event event, const Finding& finding,
                        const Sample& sample) {
    JournalEntry entry =
        make_entry(event, seconds_of(sample), finding.score, finding.incident);
    entry.service = sample.workload;
    entry.cgroup = sample.cgroup.path;
    fmt::print("{}", to_line(entry));
  }

  static void tell_anomaly(const Score& score, const Sample& sample) {
    fmt::print(
        "{:14.3f} {:20} {:9} {:>10.5g} at {:6.4f}, expected {:.5g} ± {:.3g} "
        "({}), {:+.1f} σ\n",
        seconds_of(sample), sample.workload, "anomaly", score.value,
        score.usage, score.expected, score.standard_deviation,
        to_string(score.basis), score.deviation);
  }

  static void tell_change(const Incident& incident, bool opened,
                          const Sample& sample) {
    fmt::print("{:14.3f} {:20} {:9} {}, {}, since {:.3f}: {:.1f} σ, × {:.2f}\n",
               seconds_of(sample), sample.workload,
               opened ? "INCIDENT" : "recovered", to_string(incident.signal),
               to_string(incident.incident_class),
               to_seconds(incident.onset.time_since_epoch()),
               incident.deviation, incident.excess);
  }

  void tell_sample(const Sample& sample) const {
    const double usage = sample.cpu_usage.value_or(0);
    if (options_.json) {
      fmt::print(
          R"({{"event":"sample","time_s":{},"service":{},"usage":{},"cpi":{}}})"
          "\n",
          seconds_of(sample), json_quote(sample.workload), json_number(usage),
          sample.counted ? json_number(sample.counted->cpi()) : "null");
      return;
    }
    const std::string cpi =
        sample.counted ? fmt::format("{:.4f}", sample.counted->cpi())
                       : std::string(to_string(sample.counted.error()));
    fmt::print("{:14.3f} {:20} {:9} usage {:.5f} CPI {}\n", seconds_of(sample),
               sample.workload, "sample", usage, cpi);
  }

  const Options& options_;
  Totals totals_;
};

// A recording is short and has no batch of its own: no warm-up by time.
Config replay_config(const Options& options) {
  Config config;
  config.model.min_samples = static_cast<double>(options.warm_up_samples);
  config.model.warm_up = {};
  config.model.startup_grace = {};
  if (options.cpus == 0) config.model.noise_floor = 0;
  return config;
}

// One id with a pipeline of its own.
struct Player {
  Player(std::vector<TraceRow> rows, const Config& config, int cpus)
      : replay(new Replay(std::move(rows), cpus)),
        pipeline(config, std::unique_ptr<Collector>(replay)) {}

  [[nodiscard]] bool done() const { return next == replay->instants().size(); }
  [[nodiscard]] Instant now() const { return replay->instants()[next]; }

  Replay* replay;  // the pipeline's
  Pipeline pipeline;
  std::size_t next = 0;
};
using Players = std::vector<std::unique_ptr<Player>>;

Result<std::unique_ptr<Player>> player_of(std::vector<TraceRow> rows,
                                          const Options& options) {
  Config config = replay_config(options);
  const std::string id = rows.front().id;
  if (options.models.empty()) {
    return std::make_unique<Player>(std::move(rows), config, options.cpus);
  }
  const auto model = read_model(model_path(options.models, id));
  if (!model) {
    return fail(model.error().code, model.error().what,
                "make one with cpictl train --output " + options.models);
  }
  config.model.bucket_width = model->key.bucket_width;
  auto player = std::make_unique<Player>(std::move(rows), config, options.cpus);
  player->pipeline.watch(id).seed(model->signals);
  return player;
}

Result<Players> players_of(Trace trace, const Options& options) {
  Players players;
  for (auto& rows : rows_by_id(std::move(trace.rows))) {
    auto player = player_of(std::move(rows), options);
    if (!player) return fail(player);
    players.push_back(*std::move(player));
  }
  return players;
}

// Everything in the order of time, as if all ids had been seen at once.
void play(const Players& players, const std::function<void(const Tick&)>& see) {
  using Next = std::pair<Instant, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  double instants = 0;
  for (std::size_t i = 0; i < players.size(); ++i) {
    instants += static_cast<double>(players[i]->replay->instants().size());
    queue.emplace(players[i]->now(), i);
  }
  Progress progress("replay");
  for (double done = 1; !queue.empty(); ++done) {
    const auto [now, i] = queue.top();
    queue.pop();
    Player& player = *players[i];
    see(*player.pipeline.tick(now));
    ++player.next;
    if (!player.done()) queue.emplace(player.now(), i);
    progress.show(done / instants);
  }
}

std::vector<std::string> services_in(const Trace& trace) {
  std::set<std::string> names;
  for (const TraceRow& row : trace.rows) names.insert(row.id);
  return {names.begin(), names.end()};
}

std::map<std::string, ServiceState> models_of(const Players& players) {
  std::map<std::string, ServiceState> models;
  for (const auto& player : players) {
    for (const auto& [service, watch] : player->pipeline.watches()) {
      models.emplace(service, watch.state());
    }
  }
  return models;
}

int run(const Options& options) {
  auto trace = read_trace(options.trace);
  if (!trace) return report(trace.error());
  RecordedStory story(options.trace, services_in(*trace));
  const auto players = players_of(*std::move(trace), options);
  if (!players) return report(players.error());
  if (options.cpus == 0 && !options.json) {
    fmt::print("The number of CPUs is not known (--cpus): no noise floor.\n");
  }
  Teller teller(options);
  play(*players, [&](const Tick& tick) {
    for (const Judgement& judgement : *tick.judgements) teller.tell(judgement);
    if (!options.report.output.empty()) story.add(tick);
  });
  teller.finish();
  if (options.report.output.empty()) return 0;
  const auto written = write_report(
      story.finish(models_of(*players), replay_config(options).model),
      options.report);
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
      ->check(CLI::Range(0, kMaxCpus));
  command->add_flag("--json", options->json,
                    "print JSON, an object per line, as in the journal");
  options->report.add_to(*command);
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
