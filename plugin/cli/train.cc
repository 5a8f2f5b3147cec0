#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/recording.h"
#include "cli/training.h"
#include "store/json_text.h"
#include "store/model_json.h"
#include "watch.h"

namespace cpi {
namespace {

struct Options {
  std::string trace;
  std::string directory = ".";
  std::vector<std::string> where;
  int cpus = 0;
  bool json = false;
};

// A model that was made.
struct Trained {
  std::string service;
  std::size_t samples = 0;
  std::string file;
};

// Stretches without holes.
std::vector<std::vector<Sample>> stretches_of(
    const std::vector<LabelledSample>& samples) {
  std::vector<std::vector<Sample>> stretches;
  for (const auto& [sample, labels] : samples) {
    const bool continues =
        !stretches.empty() && stretches.back().back().end == sample.begin;
    if (!continues) stretches.emplace_back();
    stretches.back().push_back(sample);
  }
  return stretches;
}

// What a recording tells about the host and the windows it was made on.
ModelKey key_of(const std::vector<LabelledSample>& samples, int cpus,
                const Config& config) {
  ModelKey key;
  key.online_cpus = cpus;
  key.bucket_width = config.model.bucket_width;
  std::vector<Duration> windows;
  for (const auto& [sample, labels] : samples) {
    windows.push_back(sample.end - sample.begin);
  }
  const auto middle =
      windows.begin() + static_cast<std::ptrdiff_t>(windows.size() / 2);
  std::nth_element(windows.begin(), middle, windows.end());
  key.window = *middle;
  return key;
}

Result<Trained> train_service(const std::string& service,
                              const std::vector<LabelledSample>& samples,
                              const Options& options) {
  const Config config;
  Watch watch(service, config.model, config.detector);
  const auto stretches = stretches_of(samples);
  std::vector<const std::vector<Sample>*> all;
  for (const auto& stretch : stretches) all.push_back(&stretch);
  train(watch, all);
  const ModelFile file{service, key_of(samples, options.cpus, config),
                       watch.state()};
  if (auto saved = save_model(options.directory, file); !saved) {
    return fail(saved);
  }
  return Trained{service, samples.size(),
                 model_path(options.directory, service)};
}

void print(const std::vector<Trained>& models) {
  for (const Trained& model : models) {
    fmt::print("{}: {} samples, {}\n", model.service, model.samples,
               model.file);
  }
}

void print_json(const std::vector<Trained>& models) {
  std::vector<std::string> items;
  for (const Trained& model : models) {
    items.push_back(fmt::format(R"({{"service":{},"samples":{},"file":{}}})",
                                json_quote(model.service), model.samples,
                                json_quote(model.file)));
  }
  fmt::print("[{}]\n", fmt::join(items, ",\n"));
}

int run(const Options& options) {
  Progress progress("train");
  const auto recording = read_recording(
      options.trace, options.where, options.cpus, SamplerConfig{},
      [&](double done) { progress.show(done); });
  if (!recording) return report(recording.error());
  std::vector<Trained> models;
  for (const auto& [service, samples] : recording->services) {
    auto trained = train_service(service, samples, options);
    if (!trained) return report(trained.error());
    models.push_back(*std::move(trained));
  }
  options.json ? print_json(models) : print(models);
  return 0;
}

}  // namespace

void add_train(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "train",
      "Make models, one per service, from an undisturbed recording; each can "
      "be a service's SeedModel");
  command->add_option("TRACE", options->trace, "the recording, a CSV file")
      ->required();
  command->add_option("--output", options->directory,
                      "the directory for the models");
  command->add_option("--where", options->where,
                      "COLUMN=VALUE: use only such rows");
  command->add_option("--cpus", options->cpus, "CPUs of the recorded host")
      ->check(CLI::Range(0, kMaxCpus));
  command->add_flag("--json", options->json,
                    "print JSON, an array of the models");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
