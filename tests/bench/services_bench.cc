// What 1,000 declared services cost: reading their configuration, and each
// tick. The target is 200 ms and 1 ms; a tick is held against a pass over as
// many samples that only adds them up.
#include <benchmark/benchmark.h>

#include <string>

#include "collectd/config.h"
#include "collectd/services.h"
#include "support/config_tree.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

constexpr int kServices = 1000;
constexpr int kHere = 50;  // of these, with a replica on this host

class Silent final : public Dispatcher {
 public:
  void publish(std::span<const Value>) override {}
  void notify(const Notification&) override {}
};

TreeItem services() {
  TreeItem plugin{"Plugin", {"cpi"}};
  for (int i = 0; i < kServices; ++i) {
    const std::string name = "s" + std::to_string(i);
    plugin.children.push_back(
        {"Service",
         {name},
         {{"Cgroup", {"/" + name}},
          {"Pool", {"pool" + std::to_string(i % 10)}},
          {"CPU", {4}},
          {"Memory", {"8GB"}},
          {"Owner", {"zhang"}},
          {"SuccessRateThreshold", {"99%"}},
          {"RestartThreshold", {2, "5min"}},
          {"RequestsMetric", {name + "/derive-requests"}},
          {"FailuresMetric", {name + "/derive-failures"}}}});
  }
  return plugin;
}

ParsedConfig parsed() {
  const ConfigTree tree(services());
  ParsedConfig config;
  merge_config(tree.root(), config);
  return config;
}

void Configuration(benchmark::State& state) {
  const ConfigTree tree(services());
  const TemporaryDirectory directory;
  Silent dispatcher;
  for (auto _ : state) {
    ParsedConfig config;
    merge_config(tree.root(), config);
    const Services ready(
        config.config, directory / "state", "boot", dispatcher,
        [](Severity, const std::string&) {}, nullptr);
    benchmark::DoNotOptimize(&ready);
  }
}
BENCHMARK(Configuration)->Unit(benchmark::kMillisecond);

// `replicas` services run here, each with both its metrics heard every tick.
void OneTick(benchmark::State& state) {
  const auto replicas = static_cast<int>(state.range(0));
  const ParsedConfig config = parsed();
  Silent dispatcher;
  Readings readings;
  readings.host.online_cpus = 64;
  Samples samples;
  ResourceReadings resources;
  for (int i = 0; i < replicas; ++i) {
    const std::string name = "s" + std::to_string(i);
    const CgroupId cgroup{1, static_cast<ino_t>(i), "/" + name};
    Sample sample;
    sample.workload = name;
    sample.cgroup = cgroup;
    sample.cpus = 2;
    samples.services.push_back(sample);
    readings.services.push_back({name, {}});
    ResourceReading reading;
    reading.service = name;
    reading.cgroup = cgroup;
    reading.unit = cgroup.path;
    reading.memory = 1 << 30;
    reading.mains = {{i + 1, std::chrono::hours(1)}};
    resources.replicas.push_back(reading);
  }
  const TemporaryDirectory directory;
  Services services(
      config.config, directory / "state", "boot", dispatcher,
      [](Severity, const std::string&) {},
      [&](const auto&, Instant) { return &resources; });
  const std::vector<Judgement> judgements;
  Duration time = std::chrono::hours(490'000);
  double total = 0;
  for (auto _ : state) {
    state.PauseTiming();
    time += std::chrono::seconds(10);
    resources.since_boot = time;
    total += 100;
    for (int i = 0; i < replicas; ++i) {
      const MetricValue value{MetricValue::Kind::total, total, time,
                              std::chrono::seconds(10)};
      const std::string name = "s" + std::to_string(i);
      services.hear(name + "/derive-requests", value);
      services.hear(name + "/derive-failures", value);
    }
    state.ResumeTiming();
    services.tick({Instant(time), &readings, &samples, &judgements});
  }
}
BENCHMARK(OneTick)->Arg(0)->Arg(kHere)->Arg(kServices)->Unit(
    benchmark::kMicrosecond);

}  // namespace
}  // namespace cpi
