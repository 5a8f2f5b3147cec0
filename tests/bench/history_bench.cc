// What keeping a history adds to a tick of 1,000 cgroups, 50 services with 20
// replicas each. The promise: 1 ms at most, away from the thread that reads,
// which itself makes no system call (tests/pipeline/history_cost_test.cc).
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "chronicle.h"
#include "store/history_file.h"
#include "support/samples.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

struct Host {
  Host() {
    for (int i = 0; i < 50; ++i) names.push_back("s" + std::to_string(i));
    for (int i = 0; i < 1000; ++i) {
      samples.services.push_back(sample_at({}, std::chrono::seconds(10), 0.25,
                                           2, static_cast<ino_t>(i)));
      samples.services.back().workload =
          names[static_cast<std::size_t>(i % 50)];
    }
    for (const Sample& sample : samples.services) {
      judgements.emplace_back().sample = &sample;
      judgements.back().findings[0].emplace();
    }
  }
  [[nodiscard]] Tick tick() const {
    Tick tick;
    tick.judgements = &judgements;
    return tick;
  }

  std::vector<std::string> names;
  Samples samples;
  std::vector<Judgement> judgements;
};

// On the thread that reads.
void RememberATick(benchmark::State& state) {
  Host host;
  Chronicle chronicle(host.names);
  for (auto _ : state) {
    chronicle.write(host.tick(), 1'700'000'000'000);
    chronicle.page().clear();
  }
}
BENCHMARK(RememberATick)->Unit(benchmark::kMicrosecond);

// On the other.
void WriteATick(benchmark::State& state) {
  Host host;
  TemporaryDirectory directory;
  Chronicle chronicle(host.names);
  HistoryWriter writer(directory.path(), host.names, {},
                       [](Severity, const std::string&) {});
  const auto write = [&] {
    chronicle.write(host.tick(), 1'700'000'000'000);
    writer.hand_over(chronicle.page());
    writer.write();
  };
  write();  // makes the files
  for (auto _ : state) write();
}
BENCHMARK(WriteATick)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cpi
