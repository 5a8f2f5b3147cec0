#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/evaluation.h"
#include "cli/progress.h"
#include "cli/recorded_story.h"
#include "cli/report_file.h"
#include "store/json_text.h"

namespace cpi {
namespace {

struct Options {
  std::string trace;
  std::string labels;
  std::vector<std::string> baseline;
  std::vector<std::string> where;
  int cpus = 0;
  bool json = false;
  ReportOptions report;
};

// Everything that is told, in both forms.
struct Answer {
  std::string labels;
  Baselines baselines;
  std::vector<std::string> rotations;
  std::vector<LabelSummary> summaries;
  std::size_t runs = 0;
  int without_training = 0;
  bool noise_floor = false;
  // Without labels: how long was judged, and what was found.
  double judged_days = 0;
  std::vector<Incident> incidents;
  std::optional<Story> story;
};

// As in production, but for what needs days of life: the models are complete
// when judging begins.
Config evaluation_config(const Options& options) {
  Config config;
  config.model.min_samples = 0;
  config.model.warm_up = {};
  config.model.startup_grace = {};
  if (options.cpus == 0) config.model.noise_floor = 0;
  return config;
}

double percent(int part, int whole) {
  return whole > 0 ? 100.0 * part / whole : 0;
}

std::string median_text(const std::optional<double>& median) {
  return median ? fmt::format("{:.4g}", *median) : "-";
}

// Nobody knows which of these are real: each is told.
void print_incidents(const Answer& answer) {
  fmt::print(
      "\nWithout --labels: {} incidents in {:.2f} service-days, {:.2g} a "
      "day.\n",
      answer.incidents.size(), answer.judged_days,
      static_cast<double>(answer.incidents.size()) /
          std::max(answer.judged_days, 1e-9));
  for (const Incident& incident : answer.incidents) {
    fmt::print(
        "  {:20} {:14.3f} {:18} {:14} {:6}: {:+.1f} sigma, x {:.2f}, peak "
        "{:+.1f}\n",
        incident.service, to_seconds(incident.onset.time_since_epoch()),
        to_string(incident.signal), to_string(incident.rule),
        to_string(incident.incident_class), incident.deviation, incident.excess,
        incident.peak);
  }
}

void print_table(const Answer& answer) {
  if (answer.labels.empty()) {
    fmt::print("Undisturbed: {}. Held out: {}.\n", answer.baselines.reason,
               fmt::join(answer.rotations, ", "));
  } else {
    fmt::print("Undisturbed: {} of column {} ({}). Held out in turn: {}.\n",
               fmt::join(answer.baselines.labels, ", "), answer.labels,
               answer.baselines.reason, fmt::join(answer.rotations, ", "));
  }
  fmt::print(
      "{} runs; every service has its own model. Warm-up and MinSamples are "
      "off, as the\nmodels are complete when judging begins{}.\n",
      answer.runs,
      answer.noise_floor ? ""
                         : "; the noise floor is off, as the number of CPUs "
                           "is not known (--cpus)");
  if (answer.without_training > 0) {
    fmt::print(
        "{} runs could not be judged: no undisturbed run to learn from.\n",
        answer.without_training);
  }
  fmt::print("\n{:20} {:>5}   {:>16}   {:>16}   {:>16}   {:>13} {:>9} {:>8}\n",
             "", "", "collectd-cpi", "3 in 5 min", "3 in a row",
             "beyond, at 1 %", "unvisited", "no");
  fmt::print(
      "{:20} {:>5}   {:>16}   {:>16}   {:>16}   {:>6} {:>6}  {:>9} {:>8}\n",
      "label", "runs", "incident  after", "incident  after", "incident  after",
      "cpi", "mean", "samples", "verdict");
  for (const LabelSummary& summary : answer.summaries) {
    fmt::print("{:20} {:>5}", summary.label, summary.trials);
    for (int judge = 0; judge < kJudges; ++judge) {
      fmt::print("   {:7.1f}% {:>7}",
                 percent(summary.found[judge], summary.trials),
                 median_text(summary.median_after[judge]));
    }
    fmt::print("   {:5.1f}% {:5.1f}%  {:8.1f}% {:7.1f}%\n",
               100 * summary.beyond, 100 * summary.plain_beyond,
               percent(summary.unvisited, summary.samples),
               percent(summary.silent, summary.samples));
  }
  fmt::print(
      "\nincident: share of runs with at least one; of the first line, every "
      "one is false.\nafter: samples from the start of the run, median of "
      "those found. 3 in 5 min, 3 in a\nrow: beyond mean + 2 sigma of all "
      "training samples, whatever the usage (CPI2, 2013).\nbeyond: share of "
      "single samples, at the threshold that 1 % of held-out samples pass.\n");
}

std::string json_of(const LabelSummary& summary) {
  std::string judges;
  for (int i = 0; i < kJudges; ++i) {
    judges += fmt::format(
        R"({}{{"judge":{},"found":{},"median_after":{}}})", i ? "," : "",
        json_quote(to_string(static_cast<Judge>(i))), summary.found[i],
        summary.median_after[i] ? json_number(*summary.median_after[i])
                                : "null");
  }
  return fmt::format(
      R"({{"label":{},"held_out":{},"trials":{},"judges":[{}],)"
      R"("beyond":{},"mean_beyond":{},"samples":{},"unvisited":{},)"
      R"("without_verdict":{}}})",
      json_quote(summary.label), summary.held_out, summary.trials, judges,
      json_number(summary.beyond), json_number(summary.plain_beyond),
      summary.samples, summary.unvisited, summary.silent);
}

void print_json(const Answer& answer) {
  const auto quoted = [](const std::vector<std::string>& texts) {
    std::vector<std::string> result;
    for (const std::string& text : texts) result.push_back(json_quote(text));
    return result;
  };
  std::vector<std::string> summaries;
  for (const auto& summary : answer.summaries) {
    summaries.push_back(json_of(summary));
  }
  fmt::print(
      R"({{"labels":{},"baselines":[{}],"baselines_chosen":{},)"
      R"("rotations":[{}],"runs":{},"runs_without_training":{},)"
      R"("noise_floor":{},"incidents":{},"service_days":{},"results":[{}]}})"
      "\n",
      json_quote(answer.labels),
      fmt::join(quoted(answer.baselines.labels), ","),
      json_quote(answer.baselines.reason),
      fmt::join(quoted(answer.rotations), ","), answer.runs,
      answer.without_training, answer.noise_floor, answer.incidents.size(),
      json_number(answer.judged_days), fmt::join(summaries, ","));
}

// What is judged, and what is undisturbed.
struct Material {
  std::vector<Run> runs;
  Baselines baselines;
};

Result<Material> material_of(const Options& options,
                             const SamplerConfig& sampler) {
  Progress progress("read");
  const auto recording =
      read_recording(options.trace, options.where, options.cpus, sampler,
                     [&](double done) { progress.show(done); });
  if (!recording) return fail(recording);
  if (options.labels.empty()) {
    return Material{unlabelled_runs(*recording),
                    {{""}, "without --labels, everything"}};
  }
  auto runs = runs_of(*recording, options.labels);
  if (!runs) return fail(runs);
  if (runs->empty()) return fail(0, options.trace + ": no sample can be used");
  for (const std::string& label : options.baseline) {
    const bool exists =
        std::any_of(runs->begin(), runs->end(),
                    [&](const Run& run) { return run.label == label; });
    if (!exists) {
      return fail(0,
                  fmt::format("--baseline {}: no run has {} {}", label,
                              options.labels, label),
                  "see which values the column has");
    }
  }
  auto baselines = options.baseline.empty()
                       ? find_baselines(*recording, options.labels)
                       : Baselines{options.baseline, "as asked"};
  return Material{*std::move(runs), std::move(baselines)};
}

void add_incidents(const Evaluation& evaluation, Answer& answer) {
  constexpr double kDay = 86400;
  for (const JudgedRun& trial : evaluation.trials) {
    for (const Sample& sample : trial.run->samples) {
      answer.judged_days += to_seconds(sample.end - sample.begin) / kDay;
    }
    answer.incidents.insert(answer.incidents.end(), trial.incidents.begin(),
                            trial.incidents.end());
  }
}

std::vector<std::string> services_in(const std::vector<Run>& runs) {
  std::set<std::string> services;
  for (const Run& run : runs) services.insert(run.service);
  return {services.begin(), services.end()};
}

Result<Answer> answer_of(const Options& options) {
  const Config config = evaluation_config(options);
  const auto material = material_of(options, config.sampler);
  if (!material) return fail(material);
  const auto& [runs, baselines] = *material;
  Answer answer;
  answer.labels = options.labels;
  answer.baselines = baselines;
  answer.runs = runs.size();
  answer.noise_floor = config.model.noise_floor > 0;
  std::vector<Run> halves;
  auto rotations = rotations_of(runs, baselines.labels, halves);
  if (rotations.empty()) {
    return fail(0, fmt::format("no run is labelled {}",
                               fmt::join(baselines.labels, " or ")));
  }
  for (const auto& rotation : rotations) {
    answer.rotations.push_back(rotation.name);
  }
  Progress progress("evaluate");
  RecordedStory story(options.trace, services_in(runs));
  const bool told = !options.report.output.empty();
  const Evaluation evaluation = evaluate(
      config, runs, std::move(rotations), baselines.labels,
      [&](double done) { progress.show(done); },
      [&](const Judgement& judgement) {
        if (told) story.add(judgement);
      });
  if (told) answer.story = story.finish(evaluation.models, config.model);
  answer.without_training = evaluation.without_training;
  answer.summaries = summarise(evaluation);
  if (options.labels.empty()) add_incidents(evaluation, answer);
  return answer;
}

int run(const Options& options) {
  auto answer = answer_of(options);
  if (!answer) return report(answer.error());
  if (options.json) {
    print_json(*answer);
  } else {
    print_table(*answer);
    if (options.labels.empty()) print_incidents(*answer);
  }
  if (answer->story) {
    const auto written =
        write_report(*std::move(answer->story), options.report);
    if (!written) return report(written.error());
  }
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "evaluate",
      "Train on the undisturbed runs of a labelled recording, and tell how "
      "many false incidents and how much of the interference is found");
  command->add_option("TRACE", options->trace, "the recording, a CSV file")
      ->required();
  command->add_option(
      "--labels", options->labels,
      "the column that says what disturbed each sample; without "
      "it the first half of each service judges the second");
  command
      ->add_option("--baseline", options->baseline,
                   "labels that mean undisturbed; default: those that say so")
      ->delimiter(',');
  command->add_option("--where", options->where,
                      "COLUMN=VALUE: use only such rows");
  command
      ->add_option("--cpus", options->cpus,
                   "CPUs of the recorded host, for the noise floor")
      ->check(CLI::Range(0, kMaxCpus));
  command->add_flag("--json", options->json, "print JSON");
  options->report.add_to(*command);
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
