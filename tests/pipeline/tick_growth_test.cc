// A tick may allocate, but what is held afterwards does not grow: an agent runs
// for months.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "pipeline.h"
#include "support/busy_host.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class TickGrowthTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "the sanitizers keep what is freed";
  }
  struct Held {
    std::size_t least = SIZE_MAX;
    std::size_t most = 0;
  };
  // The bytes held after the ticks of the next so long. Harmed for ten minutes
  // of every two hours where `harmed`.
  Held held(Duration length, bool harmed) {
    Held held;
    const Instant end = host_.now() + length;
    while (host_.now() < end) {
      const auto within = host_.now().time_since_epoch() % hours(2);
      host_.harm = harmed && within < minutes(10) ? 1.3 : 1;
      host_.advance();
      EXPECT_TRUE(pipeline_.tick(host_.now()));
      acted_ += pipeline_.policy().state().throttles.size();
      const std::size_t now = ::mallinfo2().uordblks;
      held = {std::min(held.least, now), std::max(held.most, now)};
    }
    return held;
  }

  BusyHost host_{2, 8};
  Pipeline pipeline_{host_.config(),
                     std::make_unique<BusyHostCollector>(host_)};
  std::size_t acted_ = 0;
};

TEST_F(TickGrowthTest, NothingGrowsWhileNothingHappens) {
  held(hours(4), false);
  const std::size_t before = held(hours(4), false).most;
  const std::size_t after = held(hours(4), false).most;
  EXPECT_LE(after, before + before / 100);
}

// What is remembered of containers is forgotten after a day.
TEST_F(TickGrowthTest, NothingGrowsFromDayToDayWithIncidents) {
  held(hours(24), true);
  const Held before = held(hours(24), true);
  const Held after = held(hours(24), true);
  EXPECT_GT(acted_, 0u);
  EXPECT_LE(after.least, before.least + before.least / 100);
  // Depends on what happens to coincide.
  EXPECT_LE(after.most, before.most + before.most / 20);
}

}  // namespace
}  // namespace cpi
