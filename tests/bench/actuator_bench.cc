// What a call of the helper costs, as a ratio to starting a program that does
// nothing in the same way. Needs root: it installs the helper setuid.
#include <benchmark/benchmark.h>

#include <chrono>

#include "../live/actuator_site.h"
#include "actuate/spawn_actuator.h"

namespace {

using cpi::Command;
using cpi::SpawnActuator;
using std::chrono::duration;
using std::chrono::seconds;
using std::chrono::steady_clock;

class Site : public cpi::live::ActuatorSite {
 public:
  void TestBody() override {}
  using ActuatorSite::SetUp;
  using ActuatorSite::TearDown;
};

double seconds_of(SpawnActuator& actuator, const Command& command,
                  benchmark::State& state) {
  auto start = steady_clock::now();
  auto outcome = actuator.run(command);
  duration<double> took = steady_clock::now() - start;
  if (!outcome || outcome->exit != cpi::actuator::Exit::done)
    state.SkipWithError("the call failed");
  return took.count();
}

// Alternately, so that both see the same machine.
void lower_over_true(benchmark::State& state) {
  Site site;
  site.SetUp();
  cpi::live::CpuCgroup parent(cpi::live::kParent);
  cpi::live::CpuCgroup pod(cpi::live::kParent + "/pod");
  cpi::live::write_file(
      cpi::live::kPrefix + "/etc/actuator.json",
      cpi::live::config_text("", R"(, "longest_lease": 604800)"));
  SpawnActuator nothing({"/bin/true"});
  SpawnActuator helper({cpi::live::kHelper});
  double spawn = 0;
  double lower = 0;
  double renew = 0;
  for (auto _ : state) {
    spawn += seconds_of(nothing, Command::status(), state);
    // Out of the budget's way.
    state.PauseTiming();
    ::unlink((cpi::live::kPrefix + "/run/journal.json").c_str());
    pod.set_quota(-1);
    state.ResumeTiming();
    auto command = Command::lower("batch/pod", 400, seconds(60));
    lower += seconds_of(helper, command, state);
    renew += seconds_of(helper, command, state);
  }
  using benchmark::Counter;
  state.counters["true_us"] = Counter(spawn * 1e6, Counter::kAvgIterations);
  state.counters["lower_us"] = Counter(lower * 1e6, Counter::kAvgIterations);
  state.counters["lower_ratio"] = lower / spawn;
  state.counters["renew_ratio"] = renew / spawn;
  site.TearDown();
}
BENCHMARK(lower_over_true)->Iterations(500)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
