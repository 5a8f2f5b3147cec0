#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "model/learner.h"
#include "store/json_text.h"
#include "store/model_json.h"

namespace cpi {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output;
  double tolerance = 1e-9;
  bool json = false;
};

ModelConfig config_of(const ModelFile& file) {
  ModelConfig config;
  config.bucket_width = file.key.bucket_width;
  return config;
}

Learner learner_of(const ModelFile& file, Signal signal) {
  Learner learner(config_of(file), signal);
  learner.restore(*file.signals[static_cast<int>(signal)]);
  return learner;
}

Result<std::vector<ModelFile>> read_all(const std::vector<std::string>& paths) {
  std::vector<ModelFile> files;
  for (const std::string& path : paths) {
    auto file = read_model(path);
    if (!file) return fail(file);
    files.push_back(*std::move(file));
  }
  return files;
}

// ---- show

void show_signal(const ModelFile& file, Signal signal) {
  const Learner learner = learner_of(file, signal);
  const Model& model = learner.model();
  const Fit& fit = model.fit();
  fmt::print("\n{}: {:.0f} samples in {} buckets, {:.1f} h, N = {:.2f}\n",
             to_string(signal), fit.weight, model.buckets().all().size(),
             to_seconds(learner.observed()) / 3600, learner.deviations());
  fmt::print("  within buckets σ = {:.4g}; persistence {:.2f}\n",
             std::sqrt(fit.variance), model.persistence());
  if (fit.line) {
    fmt::print(
        "  line {:.5g} {:+.5g} × usage over {:.3f}…{:.3f}, validated "
        "({:.4g} < {:.4g}), worth {:.1f} samples\n",
        fit.line->intercept, fit.line->slope, fit.low, fit.high, fit.line_error,
        fit.buckets_error, fit.shrinkage);
  } else {
    fmt::print(
        "  no line: it predicts worse than the buckets, or too few "
        "samples judge it\n");
  }
  fmt::print("  {:>8} {:>9} {:>10} {:>10} {:>10}\n", "usage", "samples", "mean",
             "expected", "σ");
  for (const Bucket& bucket : model.buckets().all()) {
    const double usage = model.buckets().centre(bucket);
    const Expectation expected = model.expect(usage);
    const Moments all = bucket.all();
    fmt::print("  {:8.4f} {:9.1f} {:10.5g} {:10.5g} {:10.4g}\n", usage,
               all.weight, all.mean, expected.mean,
               expected.standard_deviation);
  }
}

std::string json_of(const Model& model, const Bucket& bucket) {
  const double usage = model.buckets().centre(bucket);
  const Expectation expected = model.expect(usage);
  const Moments all = bucket.all();
  return fmt::format(R"({{"usage":{},"samples":{},"mean":{},"expected":{},)"
                     R"("standard_deviation":{}}})",
                     json_number(usage), json_number(all.weight),
                     json_number(all.mean), json_number(expected.mean),
                     json_number(expected.standard_deviation));
}

std::string json_of(const std::optional<Line>& line, const Fit& fit) {
  if (!line) return "null";
  return fmt::format(
      R"({{"intercept":{},"slope":{},"low":{},"high":{},"worth":{}}})",
      json_number(line->intercept), json_number(line->slope),
      json_number(fit.low), json_number(fit.high), json_number(fit.shrinkage));
}

std::string json_of(const ModelFile& file, Signal signal) {
  const Learner learner = learner_of(file, signal);
  const Model& model = learner.model();
  std::vector<std::string> buckets;
  for (const Bucket& bucket : model.buckets().all()) {
    buckets.push_back(json_of(model, bucket));
  }
  return fmt::format(
      R"({}:{{"samples":{},"observed_s":{},"deviations":{},)"
      R"("within_buckets":{},"persistence":{},"line":{},"buckets":[{}]}})",
      json_quote(to_string(signal)), json_number(model.weight()),
      json_number(to_seconds(learner.observed())),
      json_number(learner.deviations()),
      json_number(std::sqrt(model.fit().variance)),
      json_number(model.persistence()), json_of(model.fit().line, model.fit()),
      fmt::join(buckets, ","));
}

std::string json_of(const ModelFile& file) {
  std::vector<std::string> signals;
  for (int i = 0; i < kSignals; ++i) {
    if (file.signals[i]) {
      signals.push_back(json_of(file, static_cast<Signal>(i)));
    }
  }
  std::vector<std::string> executables;
  for (const std::string& executable : file.executables) {
    executables.push_back(json_quote(executable));
  }
  const ModelKey& key = file.key;
  return fmt::format(
      R"({{"service":{},"cpu_model":{},"online_cpus":{},"window_s":{},)"
      R"("bucket_width":{},"executables":[{}],"signals":{{{}}}}})",
      json_quote(file.service), json_quote(key.cpu_model), key.online_cpus,
      json_number(to_seconds(key.window)), json_number(key.bucket_width),
      fmt::join(executables, ","), fmt::join(signals, ","));
}

int show_json(const std::vector<ModelFile>& files) {
  std::vector<std::string> models;
  for (const ModelFile& file : files) models.push_back(json_of(file));
  fmt::print("[{}]\n", fmt::join(models, ",\n"));
  return 0;
}

int show(const Options& options) {
  const auto files = read_all(options.files);
  if (!files) return report(files.error());
  if (options.json) return show_json(*files);
  for (const ModelFile& file : *files) {
    const ModelKey& key = file.key;
    fmt::print("{} on {}, {} CPUs, windows of {:.4g} s\n", file.service,
               key.cpu_model.empty() ? "an unknown CPU" : key.cpu_model,
               key.online_cpus, to_seconds(key.window));
    for (int i = 0; i < kSignals; ++i) {
      if (file.signals[i]) show_signal(file, static_cast<Signal>(i));
    }
  }
  return 0;
}

// ---- merge

// `into` learns what `other` knows. REQUIRES: keys that fit.
void merge_signal(std::optional<LearnerState>& into,
                  const std::optional<LearnerState>& other) {
  if (!other) return;
  if (!into) {
    into = other;
    return;
  }
  into->buckets.merge(other->buckets);
  into->noise.merge(other->noise);
  into->persistence.merge(other->persistence);
  into->observed += other->observed;
  into->samples += other->samples;
  into->idle_samples += other->idle_samples;
  into->seeded = into->seeded && other->seeded;
  // Feedback belongs to the host it came from.
  into->deviations = ModelConfig{}.deviations;
}

int merge(const Options& options) {
  auto files = read_all(options.files);
  if (!files) return report(files.error());
  ModelFile merged = std::move(files->front());
  for (std::size_t i = 1; i < files->size(); ++i) {
    const ModelFile& other = (*files)[i];
    const std::string foreign = difference(other.key, merged.key);
    if (!foreign.empty()) {
      return report({0,
                     fmt::format("{}: cannot be merged with {}: {}",
                                 options.files[i], options.files[0], foreign),
                     {}});
    }
    for (const std::string& executable : other.executables) {
      auto& known = merged.executables;
      if (std::find(known.begin(), known.end(), executable) == known.end()) {
        known.push_back(executable);
      }
    }
    for (int signal = 0; signal < kSignals; ++signal) {
      merge_signal(merged.signals[signal], other.signals[signal]);
    }
  }
  const auto written = write_model(options.output, merged);
  return written ? 0 : report(written.error());
}

// ---- diff

// Where two models expect different things.
struct Difference {
  Signal signal;
  double usage;
  Expectation first;
  Expectation second;

  [[nodiscard]] double apart() const {
    return std::abs(first.mean - second.mean);
  }
  // In standard deviations of the first.
  [[nodiscard]] double deviations() const {
    return apart() / first.standard_deviation;
  }
};

struct Comparison {
  std::string foreign;            // why the two are not comparable
  std::vector<std::string> only;  // signals that one of them lacks
  std::vector<Difference> differences;

  [[nodiscard]] bool equal() const {
    return foreign.empty() && only.empty() && differences.empty();
  }
};

void compare_signal(const ModelFile& a, const ModelFile& b, Signal signal,
                    double tolerance, Comparison& comparison) {
  const int i = static_cast<int>(signal);
  if (!a.signals[i] && !b.signals[i]) return;
  if (!a.signals[i] || !b.signals[i]) {
    comparison.only.push_back(fmt::format("{}: only in the {} model",
                                          to_string(signal),
                                          a.signals[i] ? "first" : "second"));
    return;
  }
  const Learner first = learner_of(a, signal);
  const Learner second = learner_of(b, signal);
  Buckets usages = first.model().buckets();
  usages.merge(second.model().buckets());
  for (const Bucket& bucket : usages.all()) {
    const double usage = usages.centre(bucket);
    const Difference difference{signal, usage, first.model().expect(usage),
                                second.model().expect(usage)};
    const double spread = std::abs(difference.first.standard_deviation -
                                   difference.second.standard_deviation);
    if (std::max(difference.apart(), spread) >
        tolerance * std::abs(difference.first.mean)) {
      comparison.differences.push_back(difference);
    }
  }
}

Comparison compare(const ModelFile& a, const ModelFile& b, double tolerance) {
  Comparison comparison;
  comparison.foreign = difference(a.key, b.key);
  for (int i = 0; i < kSignals; ++i) {
    compare_signal(a, b, static_cast<Signal>(i), tolerance, comparison);
  }
  return comparison;
}

void print(const Comparison& comparison) {
  if (!comparison.foreign.empty()) {
    fmt::print("not comparable: {}\n", comparison.foreign);
  }
  for (const std::string& only : comparison.only) fmt::print("{}\n", only);
  for (const Difference& one : comparison.differences) {
    fmt::print(
        "{} at {:.4f}: {:.6g} ± {:.4g}, {:.6g} ± {:.4g}, apart {:.2f} σ\n",
        to_string(one.signal), one.usage, one.first.mean,
        one.first.standard_deviation, one.second.mean,
        one.second.standard_deviation, one.deviations());
  }
}

std::string json_of(const Expectation& expected) {
  return fmt::format(R"({{"expected":{},"standard_deviation":{}}})",
                     json_number(expected.mean),
                     json_number(expected.standard_deviation));
}

void print_json(const Comparison& comparison) {
  std::vector<std::string> only;
  for (const std::string& text : comparison.only) {
    only.push_back(json_quote(text));
  }
  std::vector<std::string> differences;
  for (const Difference& one : comparison.differences) {
    differences.push_back(fmt::format(
        R"({{"signal":{},"usage":{},"first":{},"second":{},"deviations":{}}})",
        json_quote(to_string(one.signal)), json_number(one.usage),
        json_of(one.first), json_of(one.second),
        json_number(one.deviations())));
  }
  fmt::print(
      R"({{"equal":{},"not_comparable":{},"only":[{}],"differences":[{}]}})"
      "\n",
      comparison.equal(),
      comparison.foreign.empty() ? "null" : json_quote(comparison.foreign),
      fmt::join(only, ","), fmt::join(differences, ",\n"));
}

int diff(const Options& options) {
  const auto files = read_all(options.files);
  if (!files) return report(files.error());
  const Comparison comparison =
      compare(files->front(), files->back(), options.tolerance);
  if (options.json) {
    print_json(comparison);
  } else {
    print(comparison);
  }
  return comparison.equal() ? 0 : 1;
}

}  // namespace

void add_model(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* model = app.add_subcommand("model", "Look into models, or join them");
  model->require_subcommand(1);

  auto* shown = model->add_subcommand("show", "Print what a model expects");
  shown->add_option("FILE", options->files)->required();
  shown->add_flag("--json", options->json,
                  "print JSON, an array of the models");
  shown->callback([options, &status] { status = show(*options); });

  auto* merged = model->add_subcommand(
      "merge",
      "Make one model of several, as if it had seen all their "
      "samples; models that do not fit are refused");
  merged->add_option("FILE", options->files)->required();
  merged->add_option("--output", options->output, "the file to write")
      ->required();
  merged->callback([options, &status] { status = merge(*options); });

  auto* differing = model->add_subcommand(
      "diff",
      "Print where two models expect different things; exit status 1 "
      "if they do");
  differing->add_option("FILE", options->files)->required()->expected(2);
  differing->add_option("--tolerance", options->tolerance,
                        "relative to the expected value");
  differing->add_flag("--json", options->json, "print JSON");
  differing->callback([options, &status] { status = diff(*options); });
}

}  // namespace cpi
