// What one tick of 1,000 cgroups costs in all stages but the kernel reads: the
// promise is 2 ms, and no allocation that grows.
//
//   Stages   the pipeline: sample, model, incident, policy
//   Callback the plugin's whole read callback: the stages, and what is handed
//            over to be saved, published, remembered and done
//
// Arguments: service cgroups, batch cgroups. Besides the CPU time: the dearest
// of the ticks, allocations and allocated bytes per tick, and by how many bytes
// a tick what is held has grown.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "collectd/plugin.h"
#include "pipeline.h"
#include "support/busy_host.h"
#include "support/config_tree.h"
#include "support/temporary_directory.h"

namespace {

std::atomic<std::int64_t> held = 0;  // bytes, of all threads
// Of this thread: others save and write meanwhile.
thread_local std::int64_t allocations = 0;
thread_local std::int64_t allocated = 0;  // bytes

void* allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  const auto bytes = static_cast<std::int64_t>(malloc_usable_size(memory));
  ++allocations;
  allocated += bytes;
  held += bytes;
  return memory;
}

void release(void* memory) {
  if (!memory) return;
  held -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }

namespace cpi {
namespace {

// Until every model has seen every load, and every list has its size.
constexpr int kWarmUp = 400;
// The plugin's threads write once a second: after so many ticks, which take far
// less than the hour they stand for, they get time to.
constexpr int kBacklog = 200;

// Of this thread: what others run meanwhile is not the tick's.
Duration cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::nanoseconds(now.tv_nsec);
}

void no_threads() {}

// Times `tick` of a host that goes on, and says what it allocates. `catch_up`
// waits for the threads that `tick` hands something over to.
template <class Tick>
void measure(benchmark::State& state, BusyHost& host, Tick tick,
             void (*catch_up)() = no_threads) {
  for (int i = 1; i <= kWarmUp; ++i) {
    host.advance();
    tick();
    if (i % kBacklog == 0) catch_up();
  }
  double dearest = 0;
  std::int64_t calls = 0;
  std::int64_t bytes = 0;
  const std::int64_t before = held;
  int ticks = 0;
  for (auto _ : state) {
    if (++ticks % kBacklog == 0) catch_up();
    host.advance();
    const std::int64_t calls_before = allocations;
    const std::int64_t bytes_before = allocated;
    const Duration began = cpu_time();
    tick();
    const double seconds = to_seconds(cpu_time() - began);
    calls += allocations - calls_before;
    bytes += allocated - bytes_before;
    state.SetIterationTime(seconds);
    dearest = std::max(dearest, seconds);
  }
  catch_up();
  const auto per_tick = [&state](std::int64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(state.iterations());
  };
  state.counters["dearest_us"] = 1e6 * dearest;
  state.counters["allocations"] = per_tick(calls);
  state.counters["bytes"] = per_tick(bytes);
  state.counters["growth"] = per_tick(held - before);
}

BusyHost host_of(const benchmark::State& state) {
  return {static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
}

void Stages(benchmark::State& state) {
  BusyHost host = host_of(state);
  Pipeline pipeline(host.config(), std::make_unique<BusyHostCollector>(host));
  measure(state, host,
          [&] { benchmark::DoNotOptimize(pipeline.tick(host.now())); });
}

// The same with every service in an incident all the time: ranking, deciding,
// and following what would have been done.
void StagesWithHarm(benchmark::State& state) {
  BusyHost host = host_of(state);
  Pipeline pipeline(host.config(), std::make_unique<BusyHostCollector>(host));
  int ticks = 0;
  measure(state, host, [&] {
    if (++ticks == kWarmUp / 2) host.harm = 1.3;
    benchmark::DoNotOptimize(pipeline.tick(host.now()));
  });
}

class Silent final : public Dispatcher {
 public:
  void publish(std::span<const Value>) override {}
  void notify(const Notification&) override {}
};

void configure(Plugin& plugin, const Config& config) {
  TreeItem block{
      "Plugin",
      {"cpi"},
      {{"WarmUp", {0}}, {"MinSamples", {60}}, {"StartupGrace", {0}}}};
  const auto add = [&](const char* kind, const std::string& name) {
    block.children.push_back({kind, {name}, {{"Cgroup", {"/" + name}}}});
  };
  for (const auto& service : config.services) add("Service", service.name);
  for (const auto& batch : config.batch) add("Batch", batch.name);
  const ConfigTree tree(block);
  plugin.configure(tree.root());
}

void Callback(benchmark::State& state) {
  BusyHost host = host_of(state);
  const TemporaryDirectory directory;
  Silent dispatcher;
  const auto source = [&](const Config&, LogSink) -> Result<Source> {
    return Source{std::make_unique<BusyHostCollector>(host),
                  [] { return std::size_t(0); }};
  };
  Plugin plugin(
      dispatcher, [](Severity, const std::string&) {}, source);
  configure(plugin, host.config());
  if (!plugin.start(directory.path(), BusyHost::kWindow)) {
    return state.SkipWithError("the plugin does not start");
  }
  measure(
      state, host, [&] { plugin.read(host.now()); },
      [] { std::this_thread::sleep_for(std::chrono::milliseconds(2500)); });
  plugin.stop();
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({50, 950})->Args({100, 900})->Args({1000, 0});
  benchmark->UseManualTime()->Unit(benchmark::kMicrosecond);
}
BENCHMARK(Stages)->Apply(sizes);
BENCHMARK(StagesWithHarm)->Apply(sizes);
BENCHMARK(Callback)->Apply(sizes);

}  // namespace
}  // namespace cpi
