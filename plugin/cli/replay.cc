// cpictl replay: plays a recording through the pipeline that the plugin runs.
#include "counters/replay.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "pipeline.h"

namespace cpi {
namespace {

void print(double seconds, const Sample& sample) {
  const std::string cpi = sample.counted
                              ? fmt::format("{:8.4f}", sample.counted->cpi())
                              : std::string(to_string(sample.counted.error()));
  fmt::print("{:12.1f}  {:24}  {:9.4f}  {}\n", seconds, sample.workload,
             sample.cpu_usage.value_or(0), cpi);
}

int replay(const std::string& file) {
  auto trace = read_trace(file);
  if (!trace) {
    fmt::print(stderr, "{}\n", trace.error().message());
    return 1;
  }
  auto collector = std::make_unique<Replay>(*std::move(trace));
  const std::vector<Instant> instants = collector->instants();
  Pipeline pipeline(Config{}, std::move(collector));
  fmt::print("{:>12}  {:24}  {:>9}  {:>8}\n", "seconds", "recorded",
             "CPU usage", "CPI");
  for (const Instant now : instants) {
    const auto tick = pipeline.tick(now);
    if (!tick) {
      fmt::print(stderr, "{}\n", tick.error().message());
      return 1;
    }
    for (const Sample& sample : tick->samples->services) {
      print(to_seconds(now.time_since_epoch()), sample);
    }
  }
  return 0;
}

}  // namespace

void add_replay(CLI::App& app, int& status) {
  auto* command = app.add_subcommand(
      "replay", "Print the usage and CPI of every sample of a recording");
  auto file = std::make_shared<std::string>();
  command
      ->add_option("FILE", *file,
                   "CSV with the columns id, timestamp_s, cpu_usage, cpi")
      ->required();
  command->callback([file, &status] { status = replay(*file); });
}

}  // namespace cpi
