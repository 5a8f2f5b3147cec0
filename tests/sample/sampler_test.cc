#include "sample/sampler.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart{seconds(1000)};

// A host of two CPUs.
HostReading host_at(Duration since_start, int cpus = 2, Duration steal = {}) {
  return {kStart + since_start, cpus, steal};
}

GroupCount group(int cpu, double cycles, double instructions, Duration enabled,
                 Duration running) {
  return {cpu, static_cast<std::uint64_t>(cycles),
          static_cast<std::uint64_t>(instructions), enabled, running};
}

// Nothing has run yet.
Reading first_reading() {
  Reading reading;
  reading.cgroup = {1, 100, "/svc"};
  reading.time = kStart;
  reading.counts = {group(0, 0, 0, {}, {}), group(1, 0, 0, {}, {})};
  reading.cpu_time = Duration{0};
  reading.waited = Duration{0};
  reading.wait_source = WaitSource::psi;
  reading.throttled = Duration{0};
  return reading;
}

// Ten seconds later: one CPU second on each CPU, CPI 2 at 2 GHz.
Reading second_reading() {
  Reading reading = first_reading();
  reading.time = kStart + seconds(10);
  reading.counts = {group(0, 2e9, 1e9, seconds(1), seconds(1)),
                    group(1, 2e9, 1e9, seconds(1), seconds(1))};
  reading.cpu_time = seconds(2);
  return reading;
}

Subtraction subtract(const Reading& before, const Reading& now) {
  return subtract_counts(SamplerConfig{}, before, now);
}

tl::expected<Sample, NoSample> sample_of(const Reading& before,
                                         const Reading& now,
                                         Duration stolen = {}) {
  return make_sample(SamplerConfig{}, host_at({}), before,
                     host_at(seconds(10), 2, stolen), now);
}

TEST(SubtractCountsTest, SumsAllCpus) {
  const auto [counted, ratio] = subtract(first_reading(), second_reading());
  ASSERT_TRUE(counted);
  EXPECT_DOUBLE_EQ(counted->cycles, 4e9);
  EXPECT_DOUBLE_EQ(counted->cpi(), 2.0);
  EXPECT_DOUBLE_EQ(counted->effective_ghz(), 2.0);
  EXPECT_DOUBLE_EQ(counted->ns_per_instruction(), 1.0);
  EXPECT_DOUBLE_EQ(*ratio, 1.0);
}

TEST(SubtractCountsTest, ScalesByTheWindowsOwnRatioNotTheLifetimes) {
  Reading before = first_reading();
  before.counts[0] = group(0, 1e9, 1e9, seconds(10), seconds(1));
  Reading now = before;
  now.time = kStart + seconds(10);
  now.counts[0] = group(0, 1e9 + 1e9, 1e9 + 5e8, seconds(11),
                        seconds(1) + milliseconds(500));
  const auto [counted, ratio] = subtract(before, now);
  ASSERT_TRUE(counted);
  EXPECT_DOUBLE_EQ(counted->cycles, 2e9);
  EXPECT_DOUBLE_EQ(*ratio, 0.5);
}

TEST(SubtractCountsTest, ScalesEachCpuByItsOwnRatio) {
  Reading now = second_reading();
  now.counts[1] = group(1, 1.6e9, 4e8, seconds(1), milliseconds(800));
  const auto [counted, ratio] = subtract(first_reading(), now);
  ASSERT_TRUE(counted);
  EXPECT_DOUBLE_EQ(counted->cycles, 4e9);
  EXPECT_DOUBLE_EQ(counted->instructions, 1.5e9);
}

TEST(SubtractCountsTest, RunningZeroIsNotScheduledNeverZero) {
  Reading now = first_reading();
  now.time = kStart + seconds(10);
  now.counts[0].enabled = seconds(1);
  const auto [counted, ratio] = subtract(first_reading(), now);
  EXPECT_EQ(counted.error(), Withheld::not_scheduled);
  EXPECT_EQ(ratio, 0.0);
}

TEST(SubtractCountsTest, ALargeUnmeasuredCpuWithholdsTheWholeCpi) {
  Reading now = second_reading();
  now.counts[1] = group(1, 0, 0, milliseconds(100), {});
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::not_scheduled);
}

TEST(SubtractCountsTest, AMomentOnAnUnmeasuredCpuIsTolerated) {
  Reading now = second_reading();
  now.counts[1] = group(1, 0, 0, milliseconds(5), {});
  EXPECT_TRUE(subtract(first_reading(), now).counted);
}

TEST(SubtractCountsTest, LowRunningRatioIsWithheldButKnown) {
  Reading now = second_reading();
  now.counts[0].running = milliseconds(300);
  now.counts[1].running = milliseconds(300);
  const auto [counted, ratio] = subtract(first_reading(), now);
  EXPECT_EQ(counted.error(), Withheld::running_ratio_too_low);
  EXPECT_DOUBLE_EQ(*ratio, 0.3);
}

TEST(SubtractCountsTest, NothingEnabledIsIdle) {
  Reading now = first_reading();
  now.time = kStart + seconds(10);
  EXPECT_EQ(subtract(first_reading(), now).counted.error(), Withheld::idle);
}

TEST(SubtractCountsTest, AReopenedCounterIsNotSubtracted) {
  Reading now = second_reading();
  now.epoch = 1;
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::counters_reopened);
}

TEST(SubtractCountsTest, ACountThatFellIsNotSubtracted) {
  EXPECT_EQ(subtract(second_reading(), first_reading()).counted.error(),
            Withheld::counters_reopened);
}

TEST(SubtractCountsTest, AnotherSetOfCpusIsNotSubtracted) {
  Reading now = second_reading();
  now.counts.pop_back();
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::counters_reopened);
}

TEST(SubtractCountsTest, ACgroupNobodyCountsHasNoCounts) {
  Reading now = second_reading();
  now.counts.clear();
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::not_counted);
}

TEST(SubtractCountsTest, FewInstructionsAreNoise) {
  Reading now = first_reading();
  now.time = kStart + seconds(10);
  now.counts[0] = group(0, 2e5, 1e5, std::chrono::microseconds(100),
                        std::chrono::microseconds(100));
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::too_few_instructions);
}

struct Nonsense {
  const char* what;
  double cycles, instructions;
};

void PrintTo(const Nonsense& nonsense, std::ostream* out) {
  *out << nonsense.what;
}

class ImplausibleTest : public testing::TestWithParam<Nonsense> {};

TEST_P(ImplausibleTest, IsWithheld) {
  Reading now = first_reading();
  now.time = kStart + seconds(10);
  now.counts[0] = group(0, GetParam().cycles, GetParam().instructions,
                        seconds(1), seconds(1));
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::implausible);
}

INSTANTIATE_TEST_SUITE_P(
    Counters, ImplausibleTest,
    testing::Values(Nonsense{"a second of 395 instructions", 2e9, 395},
                    Nonsense{"ten to the eighteen", 1e18, 1e18},
                    Nonsense{"cycles stand still", 0, 2e9},
                    Nonsense{"nothing counted at all", 0, 0},
                    Nonsense{"a hundred instructions a cycle", 1e9, 1e11}));

TEST(SubtractCountsTest, CountersEnabledLongerThanTheWindowAreImplausible) {
  Reading now = second_reading();
  now.time = kStart + milliseconds(500);
  EXPECT_EQ(subtract(first_reading(), now).counted.error(),
            Withheld::implausible);
}

TEST(MakeSampleTest, UsageIsAShareOfTheHost) {
  const auto sample = sample_of(first_reading(), second_reading());
  ASSERT_TRUE(sample);
  EXPECT_DOUBLE_EQ(*sample->cpus, 0.2);
  EXPECT_DOUBLE_EQ(*sample->cpu_usage, 0.1);
}

TEST(MakeSampleTest, AMissingMeasurementIsAbsentNotZero) {
  Reading now = second_reading();
  now.cpu_time.reset();
  now.waited.reset();
  now.throttled.reset();
  const auto sample = sample_of(first_reading(), now);
  ASSERT_TRUE(sample);
  EXPECT_FALSE(sample->cpu_usage);
  EXPECT_FALSE(sample->cpu_wait);
  EXPECT_FALSE(sample->throttled);
}

TEST(MakeSampleTest, AReplacedCgroupMakesNoSample) {
  Reading now = second_reading();
  now.cgroup.inode = 101;
  EXPECT_EQ(sample_of(first_reading(), now).error(), NoSample::cgroup_replaced);
}

TEST(MakeSampleTest, AChangedCpuCountMakesNoSample) {
  const auto sample =
      make_sample(SamplerConfig{}, host_at({}, 2), first_reading(),
                  host_at(seconds(10), 1), second_reading());
  EXPECT_EQ(sample.error(), NoSample::cpu_count_changed);
}

TEST(MakeSampleTest, AClockThatStandsStillMakesNoSample) {
  Reading now = second_reading();
  now.time = kStart;
  EXPECT_EQ(sample_of(first_reading(), now).error(), NoSample::no_time_passed);
}

TEST(MakeSampleTest, WaitsOfDifferentSourcesAreNotSubtracted) {
  Reading now = second_reading();
  now.wait_source = WaitSource::run_queue_delay;
  EXPECT_FALSE(sample_of(first_reading(), now)->cpu_wait);
}

TEST(MakeSampleTest, WaitUnderItsOwnQuotaIsTheLimits) {
  Reading now = second_reading();
  now.waited = seconds(8);
  now.throttled = seconds(8);
  const auto sample = sample_of(first_reading(), now);
  EXPECT_DOUBLE_EQ(*sample->cpu_wait, 0.8);
  EXPECT_EQ(sample->wait_cause, WaitCause::limit);
}

TEST(MakeSampleTest, WaitWhileTheHypervisorRanOthersIsSteal) {
  Reading now = second_reading();
  now.waited = seconds(5);
  EXPECT_EQ(sample_of(first_reading(), now, seconds(8))->wait_cause,
            WaitCause::steal);
}

TEST(MakeSampleTest, UnexplainedWaitIsContention) {
  Reading now = second_reading();
  now.waited = seconds(5);
  now.throttled = seconds(1);
  EXPECT_EQ(sample_of(first_reading(), now)->wait_cause, WaitCause::contention);
}

TEST(MakeSampleTest, AlmostNoWaitHasNoCause) {
  Reading now = second_reading();
  now.waited = milliseconds(50);
  EXPECT_EQ(sample_of(first_reading(), now)->wait_cause, WaitCause::none);
}

class SamplerTest : public testing::Test {
 protected:
  const Samples& update(Duration at, std::vector<Reading> services) {
    Readings readings;
    readings.host = host_at(at);
    for (Reading& reading : services) {
      readings.services.push_back({"web", std::move(reading)});
    }
    return sampler_.update(readings);
  }

  Sampler sampler_{SamplerConfig{}};
};

TEST_F(SamplerTest, TheFirstReadingIsNamedAsSuch) {
  const Samples& samples = update({}, {first_reading()});
  EXPECT_TRUE(samples.services.empty());
  ASSERT_EQ(samples.rejected.size(), 1u);
  EXPECT_EQ(samples.rejected[0].reason, NoSample::first_reading);
}

TEST_F(SamplerTest, TheSecondReadingMakesASampleOfItsWorkload) {
  update({}, {first_reading()});
  const Samples& samples = update(seconds(10), {second_reading()});
  ASSERT_EQ(samples.services.size(), 1u);
  EXPECT_EQ(samples.services[0].workload, "web");
}

TEST_F(SamplerTest, EachReplicaIsSampled) {
  Reading other = first_reading();
  other.cgroup = {1, 200, "/svc2"};
  update({}, {first_reading(), other});
  Reading other_now = second_reading();
  other_now.cgroup = other.cgroup;
  EXPECT_EQ(update(seconds(10), {second_reading(), other_now}).services.size(),
            2u);
}

TEST_F(SamplerTest, NoSampleSpansAReplacedCgroup) {
  update({}, {first_reading()});
  Reading replaced = second_reading();
  replaced.cgroup.inode = 101;
  const Samples& samples = update(seconds(10), {replaced});
  EXPECT_TRUE(samples.services.empty());
  ASSERT_EQ(samples.rejected.size(), 1u);
  EXPECT_EQ(samples.rejected[0].reason, NoSample::cgroup_replaced);
}

TEST_F(SamplerTest, NoSampleSpansAHole) {
  update({}, {first_reading()});
  update(seconds(5), {});
  EXPECT_EQ(update(seconds(10), {second_reading()}).rejected[0].reason,
            NoSample::first_reading);
}

}  // namespace
}  // namespace cpi
