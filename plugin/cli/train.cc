#include <fmt/format.h>

#include <algorithm>

#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/recording.h"
#include "cli/training.h"
#include "store/model_json.h"
#include "watch.h"

namespace cpi {
namespace {

struct Options {
  std::string trace;
  std::string directory = ".";
  std::vector<std::string> where;
  int cpus = 0;
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

Result<> train_service(const std::string& service,
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
  if (auto saved = save_model(options.directory, file); !saved) return saved;
  fmt::print("{}: {} samples, {}\n", service, samples.size(),
             model_path(options.directory, service));
  return {};
}

int run(const Options& options) {
  Progress progress("train");
  const auto recording = read_recording(
      options.trace, options.where, options.cpus, SamplerConfig{},
      [&](double done) { progress.show(done); });
  if (!recording) return report(recording.error());
  for (const auto& [service, samples] : recording->services) {
    if (auto trained = train_service(service, samples, options); !trained) {
      return report(trained.error());
    }
  }
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
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
