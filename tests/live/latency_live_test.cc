// A service's latency, measured by another plugin of a real collectd, corrects
// what the module believes: of two incidents that look the same, the one that
// slowed nobody down was none.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <memory>
#include <new>
#include <string>

#include "live/daemon.h"
#include "live/live_cgroup.h"
#include "store/model_json.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Nanoseconds per page fault stand for cycles per instruction: software events
// that need no PMU, and a cost that a test can raise.
constexpr char kOptions[] =
    "CyclesEvent \"cpu-clock\"\n"
    "InstructionsEvent \"page-faults\"\n"
    "MinInstructions 100\n"
    "NoiseFloor 0\nWarmUp 0\nMinSamples 40\nStartupGrace 0\n"
    "Recovery 1\nMinSpread 0.1\nThreshold 0\n"
    "<Service \"harmless\">\n"
    "  Cgroup \"/cpi-latency-a\"\n"
    "  LatencyMetric \"curl-a/gauge-p99\"\n"
    "</Service>\n"
    "<Service \"harmful\">\n"
    "  Cgroup \"/cpi-latency-b\"\n"
    "  LatencyMetric \"curl-b/gauge-p99\"\n"
    "</Service>\n";

// Some microseconds: several times what a fault costs.
constexpr int kDearer = 1500;

// Shared with the children: turns of work between two page faults.
struct Work {
  std::atomic<int> turns{0};
};

void fault_for_ever(const Work& work) {
  const std::size_t page = 4096;
  void* memory = ::mmap(nullptr, page, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  while (true) {
    *static_cast<volatile char*>(memory) = 1;
    ::madvise(memory, page, MADV_DONTNEED);
    volatile int counter = 0;
    const int turns = work.turns.load(std::memory_order_relaxed);
    for (int i = 0; i < turns; ++i) counter = counter + 1;
  }
}

class LatencyLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
    if (::geteuid() != 0) GTEST_SKIP() << "needs root for cgroups and perf";
    const LiveCgroup probe("/cpi-probe");
    if (!probe.usable()) GTEST_SKIP() << "no writable cgroup file system";
    void* shared = ::mmap(nullptr, sizeof(Work), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    work_ = new (shared) Work;
  }
  void TearDown() override {
    if (work_) ::munmap(work_, sizeof(Work));
  }

  // What another plugin would dispatch: unixsock does it for us.
  void publish(const std::string& metric, double value) const {
    const std::string answer = live_->ask(
        "PUTVAL livehost/" + metric + " interval=1 N:" + std::to_string(value));
    ASSERT_THAT(answer, HasSubstr("Success")) << metric;
  }
  // Both latencies, until `holds`.
  bool publish_until(double a, double b, const std::function<bool()>& holds) {
    return LiveDaemon::eventually([&] {
      publish("curl-a/gauge-p99", a);
      publish("curl-b/gauge-p99", b);
      return holds();
    });
  }
  [[nodiscard]] double last(const std::string& identifier) const {
    const auto values = live_->stored(identifier);
    return values.empty() ? -1 : values.back().value;
  }
  [[nodiscard]] bool both(const char* identifier, double value) const {
    return last(std::string("cpi-service_harmless/") + identifier) == value &&
           last(std::string("cpi-service_harmful/") + identifier) == value;
  }
  [[nodiscard]] std::size_t windows() const {
    return live_->stored("cpi-service_harmless/gauge-cpi").size();
  }
  [[nodiscard]] double deviations_of(const std::string& service) const {
    const auto model =
        read_model(model_path(live_->base_dir() + "/cpi/models", service));
    return model ? model->signals[0]->deviations : -1;
  }

  Work* work_ = nullptr;
  std::unique_ptr<LiveDaemon> live_;
};

TEST_F(LatencyLiveTest, AnIncidentThatSlowedNobodyDownIsCorrected) {
  const LiveCgroup a("/cpi-latency-a");
  const LiveCgroup b("/cpi-latency-b");
  const Child first(a, [this] { fault_for_ever(*work_); });
  const Child second(b, [this] { fault_for_ever(*work_); });
  first.run();
  second.run();
  live_ = std::make_unique<LiveDaemon>(LiveDaemon::with_module(kOptions, 0.2));
  live_->start();
  ASSERT_TRUE(LiveDaemon::eventually([&] {
    return !live_->ask("LISTVAL").empty();
  })) << live_->log();

  // Normal life, until the models and what latency is usual are known.
  int published = 0;
  ASSERT_TRUE(publish_until(20, 20, [&] {
    return ++published > 150 && windows() > 60 && both("gauge-incident", 0);
  })) << live_->log();

  // Something costs both of them more; only the second one's users notice.
  const auto ask_again = [&](const char* identifier, double value) {
    return [this, identifier, value] { return both(identifier, value); };
  };
  const std::size_t begun = windows();
  work_->turns = kDearer;
  ASSERT_TRUE(publish_until(20, 60, ask_again("gauge-incident", 1)))
      << live_->log();
  ASSERT_TRUE(publish_until(20, 60, [&] { return windows() > begun + 45; }))
      << windows() << " windows after " << begun << "\n"
      << live_->ask("LISTVAL") << live_->log();
  work_->turns = 0;
  ASSERT_TRUE(publish_until(20, 20, ask_again("gauge-incident", 0)))
      << live_->log();

  ASSERT_EQ(live_->stop(), 0) << live_->log();
  EXPECT_GT(deviations_of("harmless"), 3.2);
  // Or lower: slow windows that were nearly anomalies make it stricter.
  EXPECT_LE(deviations_of("harmful"), 3);
  EXPECT_GE(deviations_of("harmful"), 2.5);
  EXPECT_THAT(live_->log_lines("[error] cpi"), IsEmpty());
}

}  // namespace
}  // namespace cpi
