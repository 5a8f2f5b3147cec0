// The closed loop, on the real kernel with the real daemon and helper.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <thread>

#include "live/loop_site.h"

namespace cpi {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LoopLiveTest : public LoopSite {
 protected:
  // Alone and undisturbed, until the model is ready by far: some windows are
  // not learned from, and harm that came before it is ready would be normal.
  bool learns_what_is_normal(std::size_t windows = 110) {
    start_service();
    daemon_->start();
    const std::string wait = "cpi-service_web/gauge-cpu_wait";
    return daemon_->eventually_stores(wait, windows / 2) &&
           daemon_->eventually_stores(wait, windows);
  }
  // As often as giving back in steps, each after a hold, may take.
  static bool in_the_end(const std::function<bool()>& holds) {
    return LiveDaemon::eventually(holds) || LiveDaemon::eventually(holds) ||
           LiveDaemon::eventually(holds);
  }
  // What the agent says and knows, for people who look into a failure.
  [[nodiscard]] std::string knowledge() const {
    const std::string folder = daemon_->base_dir() + "/cpi/";
    return daemon_->log() + live::read_file(folder + "state.json") +
           live::read_file(folder + "models/web.model");
  }
  // What people type; `cpictl` where every user can reach it.
  live::Ending cpictl(std::vector<std::string> arguments, uid_t user) const {
    const std::string program = live::kPrefix + "/bin/cpictl";
    namespace fs = std::filesystem;
    if (!fs::exists(program)) fs::copy_file(CPICTL, program);
    live::Launch launch;
    launch.program = program;
    launch.arguments = std::move(arguments);
    launch.arguments.insert(launch.arguments.end(),
                            {"--state-dir", daemon_->base_dir() + "/cpi"});
    launch.uid = user;
    return live::run(launch);
  }
  [[nodiscard]] bool is_lowered(long original) const {
    const long now = quota();
    return original < 0 ? now > 0 : now < original;
  }
};

TEST_F(LoopLiveTest, FindsTheCulpritTurnsItDownAndGivesItBack) {
  constexpr double kInterval = 0.25;
  constexpr long kOriginal = 150'000;
  set_quota(kOriginal);
  daemon(kInterval, 10, "HoldTime 12\nRescheduleBelow 0\n");
  ASSERT_TRUE(learns_what_is_normal()) << daemon_->log();
  const double calm_end = wall_clock();

  start_antagonist();
  const auto began = steady_clock::now();
  ASSERT_TRUE(LiveDaemon::eventually([&] { return is_lowered(kOriginal); }))
      << knowledge();
  const double intervals =
      duration<double>(steady_clock::now() - began).count() / kInterval;
  const double lowered = wall_clock();
  EXPECT_LE(intervals, 5);

  // Until nothing was lowered for a while.
  long last = 0;
  for (int same = 0; same < 8;) {
    std::this_thread::sleep_for(duration<double>(kInterval));
    same = quota() == last ? same + 1 : 0;
    last = quota();
    if (wall_clock() - lowered > 30) break;
  }
  const double settled = wall_clock();
  const std::string wait = "cpi-service_web/gauge-cpu_wait";
  const double calm = mean(wait, 0, calm_end);
  const double before = mean(wait, calm_end + kInterval, lowered) - calm;
  const double after = mean(wait, settled - 6 * kInterval, settled) - calm;
  EXPECT_LE(after / before, 0.6) << before << " to " << after << "\n"
                                 << daemon_->log();
  RecordProperty("intervals_to_lower", std::to_string(intervals));
  RecordProperty("excess_wait_ratio", std::to_string(after / before));
  std::printf(
      "lowered after %.1f intervals; wait %.2f calm, +%.2f before, "
      "+%.2f after: %.2f\n",
      intervals, calm, before, after, after / before);
  EXPECT_THAT(daemon_->stored("cpi-batch_train/gauge-quota_cores"),
              Not(IsEmpty()));

  stop_antagonist();
  EXPECT_TRUE(in_the_end([&] {
    return quota() == kOriginal && throttles() == 0;
  })) << quota()
      << "\n"
      << journal() << daemon_->log();
  EXPECT_THAT(daemon_->log_lines("[error]"), IsEmpty());
  EXPECT_EQ(daemon_->stop(), 0) << daemon_->log();
}

TEST_F(LoopLiveTest, UnlimitedIsUnlimitedAgain) {
  constexpr double kInterval = 0.25;
  daemon(kInterval, 10, "HoldTime 2\nRescheduleBelow 0\n");
  ASSERT_TRUE(learns_what_is_normal()) << daemon_->log();
  start_antagonist();
  ASSERT_TRUE(LiveDaemon::eventually([&] { return is_lowered(-1); }))
      << knowledge();
  stop_antagonist();
  EXPECT_TRUE(in_the_end([&] { return quota() == -1 && throttles() == 0; }))
      << quota() << journal() << daemon_->log();
}

TEST_F(LoopLiveTest, ADryRunSaysWhatItWouldDoAndTouchesNothing) {
  daemon(0.25, 10, "Act false\n");
  ASSERT_TRUE(learns_what_is_normal()) << daemon_->log();
  start_antagonist();
  EXPECT_TRUE(daemon_->eventually_logs("would lower " + batch_->path()))
      << knowledge();
  EXPECT_EQ(quota(), -1);
  EXPECT_EQ(throttles(), 0u);
}

// No part of the daemon has privilege; who may not run the helper can still see
// what it was asked for.
TEST_F(LoopLiveTest, AnUnprivilegedDaemonActsAndPeopleSeeItAndGiveItBack) {
  daemon(0.25, 10, "HoldTime 60\nRescheduleBelow 0\n");
  daemon_->run_as(live::kCaller);
  std::filesystem::permissions(live::kPrefix + "/etc/actuator.json",
                               std::filesystem::perms(0644));  // as installed
  ASSERT_TRUE(learns_what_is_normal()) << daemon_->log();
  start_antagonist();
  ASSERT_TRUE(LiveDaemon::eventually([&] { return is_lowered(-1); }))
      << knowledge();

  const auto own = cpictl({"status"}, live::kCaller);
  EXPECT_EQ(own.exit, 0) << own.err;
  EXPECT_THAT(own.out, HasSubstr(batch_->path()));
  EXPECT_THAT(own.out, HasSubstr("web"));
  const auto other = cpictl({"status"}, live::kStranger);
  EXPECT_EQ(other.exit, 0) << other.err;
  EXPECT_THAT(other.out, HasSubstr(batch_->path()));
  EXPECT_NE(cpictl({"release", batch_->path()}, live::kStranger).exit, 0);
  EXPECT_TRUE(is_lowered(-1));

  const auto released = cpictl({"release", batch_->path()}, live::kCaller);
  EXPECT_EQ(released.exit, 0) << released.err;
  // Whoever gave it back has a reason: it stays so, for all the harm.
  EXPECT_TRUE(daemon_->eventually_logs("given back by somebody else"))
      << daemon_->log();
  EXPECT_EQ(quota(), -1);
  EXPECT_EQ(throttles(), 0u);
}

// However the agent ends: what nobody renews is taken back.
TEST_F(LoopLiveTest, NothingStaysThrottledWhenTheAgentIsKilled) {
  constexpr double kInterval = 0.2;
  const char* wanted = std::getenv("CPI_KILLS");
  const int kills = wanted ? std::atoi(wanted) : 20;
  daemon(kInterval, 2, "HoldTime 60\nRescheduleBelow 0\nMaxAdjustments 100\n");
  ASSERT_TRUE(learns_what_is_normal()) << daemon_->log();
  daemon_->stop();
  namespace fs = std::filesystem;
  const std::string state = daemon_->base_dir() + "/cpi";
  fs::copy(state + "/models", state + "/learned");

  start_antagonist();
  std::mt19937 random(20261121);
  int throttled = 0;
  for (int i = 0; i < kills; ++i) {
    // What a life of half a second would learn of the harm is not the point.
    fs::remove_all(state + "/models");
    fs::copy(state + "/learned", state + "/models");
    daemon_->start();
    const auto life = milliseconds(800 + random() % 2000);
    std::this_thread::sleep_for(life);
    throttled += is_lowered(-1);
    daemon_->kill();
    const bool restart = i % 2 == 1;
    if (restart) continue;
    const auto deadline = steady_clock::now() + milliseconds(2600);
    // The kernel is told first, and the journal after that.
    const auto is_held = [&] { return is_lowered(-1) || throttles() > 0; };
    while (is_held() && steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds(20));
    }
    ASSERT_EQ(quota(), -1) << "after kill " << i;
    ASSERT_EQ(throttles(), 0u) << journal();
    clear_state();  // the budget of an hour is not the point either
  }
  EXPECT_GE(throttled, kills / 5) << daemon_->log();
  std::printf("%d kills, %d of them with a throttle in force\n", kills,
              throttled);
  EXPECT_TRUE(LiveDaemon::eventually(
      [&] { return quota() == -1 && throttles() == 0; }));
}

}  // namespace
}  // namespace cpi
