// What ranking and deciding cost. The promise: 1,000 suspects over 60 windows
// in a millisecond, and only when an incident is effective; a quiet tick costs
// next to nothing.
#include <benchmark/benchmark.h>

#include <vector>

#include "incident/suspects.h"
#include "policy/policy.h"
#include "support/random.h"
#include "support/samples.h"

namespace cpi {
namespace {

constexpr Duration kWindow = std::chrono::seconds(10);
const CgroupId kVictim{1, 1, "/web"};

std::vector<Sample> batch(Random& random, int containers) {
  std::vector<Sample> samples;
  for (int i = 0; i < containers; ++i) {
    samples.push_back(sample_at({}, kWindow, random.uniform(), 1, 100 + i));
    samples.back().cpus = random.uniform(0.3, 8);
  }
  return samples;
}

Suspects full(int containers) {
  Random random(1);
  Suspects suspects{SuspectsConfig{}};
  for (int i = 1; i <= 60; ++i) {
    suspects.observe(batch(random, containers), Instant(i * kWindow));
    suspects.observe(kVictim, Signal::cpi, 3 * random.normal());
  }
  return suspects;
}

Incident incident() {
  Incident incident;
  incident.service = "web";
  incident.victim = kVictim;
  incident.onset = Instant(50 * kWindow);
  return incident;
}

void Rank(benchmark::State& state) {
  const Suspects suspects = full(static_cast<int>(state.range(0)));
  const Incident found = incident();
  for (auto _ : state) benchmark::DoNotOptimize(suspects.rank(found));
}
BENCHMARK(Rank)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);

void ObserveAWindow(benchmark::State& state) {
  const int containers = static_cast<int>(state.range(0));
  Suspects suspects = full(containers);
  Random random(2);
  const std::vector<Sample> samples = batch(random, containers);
  int i = 60;
  for (auto _ : state) suspects.observe(samples, Instant(++i * kWindow));
}
BENCHMARK(ObserveAWindow)->Arg(1000)->Unit(benchmark::kMicrosecond);

Situation situation_of(int containers, int victims) {
  Random random(3);
  Situation situation;
  situation.now = Instant(100 * kWindow);
  situation.window = kWindow;
  for (const Sample& sample : batch(random, containers)) {
    situation.batch.add({sample.cgroup, sample.workload, *sample.cpus, {}});
  }
  for (int i = 0; i < victims; ++i) {
    situation.victims.add(
        {"web", {1, static_cast<ino_t>(i + 1), "/web"}, {}, {}, {}, false});
  }
  return situation;
}

void DecideNothing(benchmark::State& state) {
  Policy policy{PolicyConfig{}};
  Situation situation = situation_of(950, 50);
  const std::vector<Suspect> none;
  const Ranker nobody = [&](const Incident&) { return &none; };
  for (auto _ : state) {
    situation.now += kWindow;
    benchmark::DoNotOptimize(policy.decide(situation, nobody));
  }
}
BENCHMARK(DecideNothing)->Unit(benchmark::kMicrosecond);

// The dearest tick: complete evidence, a ranking, and a first cut.
void DecideACut(benchmark::State& state) {
  const Suspects suspects = full(1000);
  Situation situation = situation_of(1000, 1);
  Incident found = incident();
  found.may_act = true;
  found.effects = 1;
  found.deviation = 5;
  found.incident_class = IncidentClass::strong;
  found.evidence.resize(10);
  for (Evidence& evidence : found.evidence) evidence.score.deviation = 5;
  situation.victims.begin()->incidents = {&found};
  std::vector<Suspect> ranking;
  const Ranker rank = [&](const Incident& i) {
    ranking = suspects.rank(i);
    return &ranking;
  };
  for (auto _ : state) {
    Policy policy{PolicyConfig{}};
    benchmark::DoNotOptimize(policy.decide(situation, rank));
  }
}
BENCHMARK(DecideACut)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cpi
