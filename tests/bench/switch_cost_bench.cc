// What a watched service pays: every switch between two watched cgroups stops
// one cgroup's events and starts the other's. Two processes in two cgroups on
// one CPU play ping-pong through pipes, with and without the plugin watching,
// in turns; the medians are compared.
//   switch_cost_bench [ROUNDS] [cycles-event instructions-event]
// Default: software events, which run everywhere; needs root.
#include <fmt/core.h>
#include <sched.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "counters/kernel_collector.h"
#include "live/live_cgroup.h"

namespace cpi {
namespace {

constexpr int kTrips = 20000;

Instant now() { return Instant(std::chrono::steady_clock::now()); }

double median(std::vector<double> values) {
  const auto middle = values.begin() + (values.end() - values.begin()) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void pin() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(0, &cpus);
  ::sched_setaffinity(0, sizeof cpus, &cpus);
}

struct Pipe {
  Pipe() { ok = ::pipe2(ends, O_CLOEXEC) == 0; }
  int ends[2] = {-1, -1};
  bool ok;
  [[nodiscard]] bool send() const { return ::write(ends[1], "x", 1) == 1; }
  [[nodiscard]] bool receive() const {
    char c;
    return ::read(ends[0], &c, 1) == 1;
  }
};

// Ping answers trips on request; pong echoes. The parent only asks and waits,
// on another CPU if there is one.
class PingPong {
 public:
  PingPong()
      : ping_cgroup_("/cpi-ping"),
        pong_cgroup_("/cpi-pong"),
        ping_(ping_cgroup_, [this] { ping(); }),
        pong_(pong_cgroup_, [this] { pong(); }) {
    ping_.run();
    pong_.run();
  }

  [[nodiscard]] bool usable() const { return ping_cgroup_.usable(); }

  // Microseconds of one trip there and back: two switches.
  [[nodiscard]] double trip() const {
    const Instant start = now();
    if (!start_.send() || !done_.receive()) return 0;
    return to_seconds(now() - start) * 1e6 / kTrips;
  }

 private:
  void ping() const {
    pin();
    while (start_.receive()) {
      for (int i = 0; i < kTrips; ++i) {
        if (!there_.send() || !back_.receive()) return;
      }
      if (!done_.send()) return;
    }
  }
  void pong() const {
    pin();
    while (there_.receive() && back_.send()) {
    }
  }

  Pipe start_;
  Pipe done_;
  Pipe there_;
  Pipe back_;
  LiveCgroup ping_cgroup_;
  LiveCgroup pong_cgroup_;
  Child ping_;
  Child pong_;
};

std::unique_ptr<KernelCollector> watch(const Config& config) {
  auto collector = KernelCollector::create(
      config,
      [](Severity, const std::string& text) { fmt::print("{}\n", text); });
  if (!collector || !(*collector)->collect(now())) return nullptr;
  return *std::move(collector);
}

int run(int rounds, const std::string& cycles,
        const std::string& instructions) {
  const PingPong game;
  if (!game.usable()) {
    fmt::print("no writable cgroup file system (root?): nothing measured\n");
    return 77;
  }
  const std::vector<Selector> both = {{Selector::Kind::glob, "/cpi-p[io]ng"}};
  Config counted;
  counted.counters.cycles_event = cycles;
  counted.counters.instructions_event = instructions;
  Config uncounted = counted;
  counted.services = {{"pingpong", both}};
  uncounted.batch = {{"pingpong", both, false}};
  std::vector<double> off;
  std::vector<double> on;
  std::vector<double> batch;
  (void)game.trip();  // caches and frequency settle
  for (int i = 0; i < rounds; ++i) {
    off.push_back(game.trip());
    {
      const auto watching = watch(counted);
      if (!watching || watching->stats().counted != 2) return 1;
      on.push_back(game.trip());
    }
    const auto watching = watch(uncounted);
    batch.push_back(game.trip());
  }
  fmt::print(
      "pipe ping-pong between two cgroups, {}+{}: off {:.3f} us, on "
      "{:.3f} us a trip: ratio {:.3f}, {:.0f} ns per switch; as batch "
      "(not counted) {:.3f} us: ratio {:.3f}\n",
      cycles, instructions, median(off), median(on), median(on) / median(off),
      (median(on) - median(off)) / 2 * 1e3, median(batch),
      median(batch) / median(off));
  return 0;
}

}  // namespace
}  // namespace cpi

int main(int argc, char** argv) {
  CLI::App app("What counting costs at each switch between two cgroups");
  int rounds = 15;
  app.add_option("rounds", rounds)->check(CLI::PositiveNumber);
  std::string cycles = "cpu-clock";
  app.add_option("cycles", cycles, "the event counted as cycles");
  std::string instructions = "task-clock";
  app.add_option("instructions", instructions);
  CLI11_PARSE(app, argc, argv);
  return cpi::run(rounds, cycles, instructions);
}
