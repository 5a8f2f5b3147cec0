#include "counters/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::HasSubstr;

TEST(EventTest, TheNamesInTheDocumentationResolveOnEveryHost) {
  for (const char* name : {"cycles", "instructions", "ref-cycles", "cpu-clock",
                           "task-clock", "context-switches"}) {
    const auto attr = resolve_event(name);
    ASSERT_TRUE(attr) << name << ": " << attr.error().message();
    EXPECT_EQ(attr->exclude_user, 0U) << name;
    EXPECT_EQ(attr->exclude_kernel, 0U) << name;
  }
}

TEST(EventTest, ANameMeansThatEvent) {
  EXPECT_EQ(resolve_event("cycles")->type, PERF_TYPE_HARDWARE);
  EXPECT_EQ(resolve_event("cycles")->config, PERF_COUNT_HW_CPU_CYCLES);
  EXPECT_EQ(resolve_event("instructions")->config, PERF_COUNT_HW_INSTRUCTIONS);
  EXPECT_EQ(resolve_event("task-clock")->config, PERF_COUNT_SW_TASK_CLOCK);
  EXPECT_EQ(resolve_event("r00c0")->config, 0xc0U);
}

TEST(EventTest, ModifiersOfTheNameWin) {
  EXPECT_EQ(resolve_event("cycles:u")->exclude_kernel, 1U);
}

TEST(EventTest, AnUnknownNameGetsLibpfmsTextAndTheNearestNames) {
  const auto attr = resolve_event("instructoins");
  ASSERT_FALSE(attr);
  EXPECT_THAT(attr.error().what,
              HasSubstr("\"instructoins\": event not found"));
  EXPECT_THAT(attr.error().remedy, HasSubstr("INSTRUCTIONS"));
}

TEST(EventTest, AGroupStartsDisabledAndReadsBothCountsWithTheirTimes) {
  CountersConfig config;
  const auto pair = resolve_events(config);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->cycles.disabled, 1U);
  EXPECT_EQ(pair->instructions.disabled, 0U);
  EXPECT_EQ(
      pair->cycles.read_format,
      static_cast<unsigned>(PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
                            PERF_FORMAT_TOTAL_TIME_RUNNING));
  EXPECT_EQ(pair->cycles.size, sizeof(perf_event_attr));
}

TEST(EventTest, EitherEventOfAPairMayBeTheUnknownOne) {
  CountersConfig config;
  config.instructions_event = "instrs";
  EXPECT_THAT(resolve_events(config).error().what, HasSubstr("instrs"));
  config.cycles_event = "cyc";
  EXPECT_THAT(resolve_events(config).error().what, HasSubstr("\"cyc\""));
}

TEST(EventTest, OnlyKernelEventsNeedNoPmu) {
  EXPECT_TRUE(is_software(*resolve_event("cpu-clock")));
  EXPECT_FALSE(is_software(*resolve_event("cycles")));
  EXPECT_FALSE(is_software(*resolve_event("r00c0")));
}

TEST(EventTest, APmuIsSelectedForGenericHardwareEventsOnly) {
  auto cycles = *resolve_event("cycles");
  auto raw = *resolve_event("r00c0");
  select_pmu(cycles, 10);
  select_pmu(raw, 10);
  EXPECT_EQ(cycles.config, std::uint64_t{10} << 32);
  EXPECT_EQ(raw.config, 0xc0U);
}

}  // namespace
}  // namespace cpi
