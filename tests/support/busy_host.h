// An invented host with as many cgroups as one likes: what the stages cost when
// nothing is read from a kernel.
#ifndef CPI_TESTS_SUPPORT_BUSY_HOST_H_
#define CPI_TESTS_SUPPORT_BUSY_HOST_H_

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "base/config.h"
#include "counters/collector.h"
#include "support/random.h"

namespace cpi {

// 64 CPUs. A service is two replicas, counted on every CPU, whose load goes up
// and down within ten minutes; batch begins after a while, so that what is
// normal is known without it, and never ends.
class BusyHost {
 public:
  static constexpr Duration kWindow = std::chrono::seconds(10);
  static constexpr int kCpus = 64;
  static constexpr int kIdle = 120;  // windows without batch

  BusyHost(int services, int batch) {
    for (int i = 0; i < services; ++i) {
      add(readings_.services, "service-" + std::to_string(i / 2), i);
      Reading& reading = readings_.services.back().reading;
      reading.counts.resize(kCpus);
      for (int cpu = 0; cpu < kCpus; ++cpu) reading.counts[cpu].cpu = cpu;
      reading.waited = Duration();
      reading.wait_source = WaitSource::psi;
      reading.throttled = Duration();
      reading.executable = "nginx 6f0c2a91d3e4b587";
    }
    for (int i = 0; i < batch; ++i) {
      add(readings_.batch, "batch-" + std::to_string(i % 10), 10'000 + i);
    }
  }

  // Past its warm-up as soon as possible.
  [[nodiscard]] Config config() const {
    Config config;
    config.model.min_samples = 60;
    config.model.warm_up = {};
    config.model.startup_grace = {};
    for (std::size_t i = 0; i < readings_.services.size(); i += 2) {
      config.services.push_back({readings_.services[i].workload, {}});
    }
    for (std::size_t i = 0;
         i < std::min<std::size_t>(10, readings_.batch.size()); ++i) {
      config.batch.push_back({readings_.batch[i].workload, {}});
    }
    return config;
  }

  // The next window.
  void advance() {
    now_ += kWindow;
    readings_.host.time = now_;
    readings_.host.online_cpus = kCpus;
    const double phase = 2 * std::numbers::pi * (++windows_ % 60) / 60;
    for (std::size_t i = 0; i < readings_.services.size(); ++i) {
      const double cpus = 1 + static_cast<double>(i % 3) + std::sin(phase) / 2;
      serve(readings_.services[i].reading, cpus);
    }
    for (WorkloadReading& batch : readings_.batch) {
      use(batch.reading, windows_ <= kIdle ? 0 : random_.uniform(0.5, 4));
    }
  }

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const Readings& readings() const { return readings_; }

  // Of every service's CPI and wait, × what is normal.
  double harm = 1;

 private:
  void add(std::vector<WorkloadReading>& to, const std::string& workload,
           int inode) {
    WorkloadReading& added = to.emplace_back();
    added.workload = workload;
    added.reading.cgroup = {
        1, static_cast<ino_t>(inode + 1),
        "/kubepods.slice/" + workload + "/container-" + std::to_string(inode)};
    added.reading.cpu_time = Duration();
  }
  void use(Reading& reading, double cpus) const {
    reading.time = now_;
    *reading.cpu_time += share(cpus);
  }
  void serve(Reading& reading, double cpus) {
    use(reading, cpus);
    *reading.waited += share(0.02 * harm * random_.uniform(0.9, 1.1));
    const double cpi = 1.5 * harm * (1 + 0.02 * random_.normal());
    for (GroupCount& count : reading.counts) {
      const Duration ran = share(cpus / kCpus);
      const double cycles = 3 * static_cast<double>(ran.count());
      count.cycles += static_cast<std::uint64_t>(cycles);
      count.instructions += static_cast<std::uint64_t>(cycles / cpi);
      count.enabled += ran;
      count.running += ran;
    }
  }
  static Duration share(double of_window) {
    return std::chrono::duration_cast<Duration>(of_window * kWindow);
  }

  Random random_{7};
  Instant now_{std::chrono::hours(10)};
  int windows_ = 0;
  Readings readings_;
};

// Reads it; what is read lasts as long as the host does.
class BusyHostCollector final : public Collector {
 public:
  explicit BusyHostCollector(const BusyHost& host) : host_(host) {}
  Result<const Readings*> collect(Instant /*now*/) override {
    return &host_.readings();
  }

 private:
  const BusyHost& host_;
};

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_BUSY_HOST_H_
