// What scoring, learning and loading a model cost. The promises: a sample
// scored in 200 ns, a model of 1,000 buckets loaded in a millisecond.
#include <benchmark/benchmark.h>

#include <cmath>

#include "incident/detector.h"
#include "model/learner.h"
#include "store/model_json.h"
#include "support/models.h"
#include "support/random.h"
#include "support/samples.h"
#include "watch.h"

namespace cpi {
namespace {

constexpr Duration kWindow = std::chrono::seconds(10);

ModelConfig ready() {
  ModelConfig config;
  config.min_samples = 0;
  config.warm_up = {};
  return config;
}

Learner learner_of(int buckets) {
  Learner learner(ready(), Signal::cpi);
  learner.restore(learner_state(buckets));
  return learner;
}

Observation observation(Random& random, int buckets, Instant now) {
  return {random.uniform(0, 0.001 * buckets),
          1.5 + 0.1 * random.normal(),
          4.0,
          now,
          kWindow,
          false};
}

std::vector<Observation> observations(int buckets) {
  Random random(1);
  std::vector<Observation> all;
  for (int i = 0; i < 4096; ++i) {
    all.push_back(observation(random, buckets, Instant(i * kWindow)));
  }
  return all;
}

void Score(benchmark::State& state) {
  const int buckets = static_cast<int>(state.range(0));
  const Learner learner = learner_of(buckets);
  const auto samples = observations(buckets);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(learner.score(samples[i++ % samples.size()]));
  }
}
BENCHMARK(Score)->Arg(1)->Arg(100)->Arg(1000);

void ScoreDetectAndLearn(benchmark::State& state) {
  const int buckets = static_cast<int>(state.range(0));
  Watch watch("web", ready(), DetectorConfig{});
  watch.learner(Signal::cpi).restore(learner_state(buckets));
  const auto seen = observations(buckets);
  Sample sample = sample_at({}, kWindow, 0.1, 1.5);
  std::size_t i = 0;
  Instant now{};
  for (auto _ : state) {
    const Observation& next = seen[i++ % seen.size()];
    now += kWindow;
    sample.begin = now - kWindow;
    sample.end = now;
    sample.cpu_usage = next.usage;
    sample.counted = counted_at(next.value);
    benchmark::DoNotOptimize(watch.judge(sample, std::nullopt));
    watch.forget_absent();
  }
}
BENCHMARK(ScoreDetectAndLearn)->Arg(1)->Arg(100)->Arg(1000);

ModelFile file_of(int buckets) {
  ModelFile file;
  file.service = "web";
  file.key.bucket_width = 0.001;
  file.signals[0] = learner_state(buckets);
  return file;
}

void Load(benchmark::State& state) {
  const std::string text = to_text(file_of(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    const auto file = parse_model(text);
    Learner learner(ready(), Signal::cpi);
    learner.restore(*file->signals[0]);
    benchmark::DoNotOptimize(learner);
  }
}
BENCHMARK(Load)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

// What a save costs the thread that reads: taking the snapshot.
void Snapshot(benchmark::State& state) {
  const Learner learner = learner_of(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(learner.state());
}
BENCHMARK(Snapshot)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cpi
