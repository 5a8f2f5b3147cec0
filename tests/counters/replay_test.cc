#include "counters/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "counters/trace.h"
#include "sample/sampler.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(TraceTest, TheHeaderNamesTheColumnsInAnyOrder) {
  const auto trace = parse_trace(
      "cpi,rps,id,cpu_usage,timestamp_s,set\n"
      "1.5,1000,a,0.25,10.5,x\n",
      "t.csv");
  ASSERT_TRUE(trace) << trace.error().message();
  EXPECT_THAT(trace->labels, ElementsAre("rps", "set"));
  ASSERT_THAT(trace->rows, SizeIs(1));
  const TraceRow& row = trace->rows[0];
  EXPECT_EQ(row.id, "a");
  EXPECT_EQ(row.time, Instant(std::chrono::milliseconds(10500)));
  EXPECT_EQ(row.cpu_usage, 0.25);
  EXPECT_EQ(row.cpi, 1.5);
  EXPECT_THAT(row.labels, ElementsAre("1000", "x"));
}

TEST(TraceTest, RowsComeByTimeHoweverTheFileOrdersItsIds) {
  const auto trace = parse_trace(
      "id,timestamp_s,cpu_usage,cpi\r\n"
      "b,2,0.1,1\r\nb,4,0.1,1\r\n\r\na,1,0.1,1\r\na,3,0.1,1\r\n",
      "t.csv");
  ASSERT_TRUE(trace) << trace.error().message();
  std::string order;
  for (const TraceRow& row : trace->rows) order += row.id;
  EXPECT_EQ(order, "abab");
}

TEST(TraceTest, WhatIsWrongIsSaidWithFileAndLine) {
  struct Bad {
    const char* text;
    const char* message;
  };
  const std::string header = "id,timestamp_s,cpu_usage,cpi\n";
  for (const auto& [rows, message] : std::vector<Bad>{
           {"a,1,0.1\n", "t.csv:2: 3 fields, expected 4"},
           {"a,1,0.1,1,9\n", "t.csv:2: 5 fields"},
           {",1,0.1,1\n", "t.csv:2: empty id"},
           {"a,1,0.1,1\na,x,0.1,1\n", "t.csv:3: timestamp_s \"x\""},
           {"a,-1,0.1,1\n", "timestamp_s \"-1\""},
           {"a,1e300,0.1,1\n", "timestamp_s \"1e300\""},
           {"a,1,1.1,1\n", "cpu_usage \"1.1\", expected a fraction"},
           {"a,1,nan,1\n", "cpu_usage \"nan\""},
           {"a,1,0.1,\n", "cpi \"\""},
           {"a,1,0.1,0\n", "cpi \"0\", expected above 0"},
           {"a,1,0.1,1,5\n", "5 fields"},
           {"a,1,\"0,1\",1\n", "5 fields"},
           {"a,2,0.1,1\na,2,0.1,1\n", "t.csv:3: time of a does not advance"},
           {"", "no rows"}}) {
    const auto trace = parse_trace(header + rows, "t.csv");
    ASSERT_FALSE(trace) << rows;
    EXPECT_THAT(trace.error().message(), HasSubstr(message));
  }
  EXPECT_THAT(parse_trace("id,time\n", "t.csv").error().message(),
              HasSubstr("t.csv:1: no column \"timestamp_s\""));
  EXPECT_FALSE(parse_trace("", "t.csv"));
}

TEST(TraceTest, ReadsAFileOrNamesIt) {
  FileTree tree({{"t.csv", "id,timestamp_s,cpu_usage,cpi\na,1,0.1,1\n"}});
  EXPECT_TRUE(read_trace(tree.path("t.csv")));
  EXPECT_THAT(read_trace(tree.path("no.csv")).error().message(),
              HasSubstr("no.csv: No such file"));
  EXPECT_THAT(read_trace(tree.root()).error().message(),
              HasSubstr(tree.root() + ": Is a directory"));
}

TEST(TraceTest, IsReadToItsEndHoweverLongItIs) {
  std::string text = "id,timestamp_s,cpu_usage,cpi\n";
  for (int i = 0; i < 100000; ++i) {
    text += "a," + std::to_string(i) + ",0.125,1.25\n";
  }
  FileTree tree({{"t.csv", text}});
  EXPECT_GT(text.size(), 1U << 20);
  EXPECT_EQ(read_trace(tree.path("t.csv"))->rows.size(), 100000U);
}

TraceRow row(const std::string& id, double time, double usage, double cpi) {
  return {id, Instant(from_seconds(time)), usage, cpi, {}};
}

// Plays all of it and checks that every sample is its row, to rounding.
// Returns the number of samples with a CPI.
std::size_t play(Replay& replay, double tolerance = 1e-6) {
  Sampler sampler({});
  std::size_t samples = 0;
  for (const Instant now : replay.instants()) {
    const Samples& made = sampler.update(**replay.collect(now));
    const TraceRow* source = replay.played();
    EXPECT_EQ(made.services.size(), source ? 1U : 0U);
    for (const Sample& sample : made.services) {
      EXPECT_EQ(sample.workload, source->id);
      EXPECT_EQ(sample.end, source->time);
      EXPECT_NEAR(*sample.cpu_usage, source->cpu_usage, tolerance);
      if (!sample.counted) continue;
      EXPECT_NEAR(sample.counted->cpi() / source->cpi, 1, tolerance);
      ++samples;
    }
  }
  return samples;
}

TEST(ReplayTest, EveryRowIsASampleAlsoTheFirst) {
  Replay replay({row("a", 10, 0.1, 1.25), row("a", 12, 0.3, 2.5)});
  EXPECT_THAT(replay.instants(), SizeIs(3));
  EXPECT_EQ(replay.id(), "a");
  EXPECT_EQ(play(replay), 2U);
}

TEST(ReplayTest, NoSampleSpansAGap) {
  Replay replay({row("a", 2, 0.1, 1), row("a", 4, 0.1, 1), row("a", 6, 0.1, 1),
                 row("a", 1000, 0.9, 2), row("a", 1002, 0.9, 2)});
  EXPECT_EQ(play(replay), 5U);
  // One baseline at the start and one after the gap.
  EXPECT_THAT(replay.instants(), SizeIs(7));
  EXPECT_EQ(replay.instants()[4], Instant(std::chrono::seconds(998)));
}

TEST(ReplayTest, EveryIdIsReplayedByItself) {
  const auto ids = rows_by_id({row("b", 10, 0.1, 1), row("a", 11, 0.2, 2),
                               row("b", 12, 0.3, 3), row("a", 13, 0.4, 4)});
  ASSERT_THAT(ids, SizeIs(2));
  for (const auto& rows : ids) {
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_LT(rows[0].time, rows[1].time);
    Replay replay(rows);
    EXPECT_EQ(play(replay), 2U);
  }
  EXPECT_EQ(ids[0][0].id, "a");
  EXPECT_EQ(ids[1][0].id, "b");
}

TEST(ReplayTest, UsageIsOfTheHostWhetherItsCpusAreKnownOrNot) {
  const std::vector<TraceRow> rows = {row("a", 10, 0.5, 1),
                                      row("a", 12, 0.5, 1)};
  Replay unknown(rows);
  EXPECT_FALSE(unknown.cpus_known());
  EXPECT_EQ(play(unknown), 2U);
  Replay known(rows, 64);
  EXPECT_TRUE(known.cpus_known());
  EXPECT_EQ(play(known), 2U);
}

TEST(ReplayTest, AnIdleRowIsUsageZeroWithoutCpi) {
  Replay replay({row("a", 10, 0, 1), row("a", 12, 0.5, 1)});
  EXPECT_EQ(play(replay), 1U);
}

TEST(ReplayTest, AnyRecordingComesBackAsItWas) {
  std::mt19937 random(42);
  std::uniform_real_distribution<double> usage(0.01, 1);
  std::uniform_real_distribution<double> cpi(0.2, 20);
  std::uniform_real_distribution<double> step(0.5, 12);
  std::vector<TraceRow> rows;
  double time = 1752686061.847;
  for (int i = 0; i < 3000; ++i) {
    rows.push_back(row("a", time += step(random), usage(random), cpi(random)));
  }
  Replay replay(rows, 8);
  EXPECT_EQ(play(replay), 3000U);
}

// Sums that no 64 bits hold; the sanitizers judge.
TEST(ReplayTest, ARecordingOfAgesOverflowsNothing) {
  std::vector<TraceRow> rows;
  for (int i = 0; i < 3; ++i) rows.push_back(row("a", 4e9 * i, 1, 1e-300));
  Replay replay(rows, 64);
  for (const Instant now : replay.instants()) {
    for (const auto& [id, reading] : (*replay.collect(now))->services) {
      EXPECT_GE(*reading.cpu_time, Duration::zero());
    }
  }
}

TEST(ReplayTest, TheSharedRecordingsComeBackAsTheyWere) {
  const char* folder = std::getenv("CPI_TRACES");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "CPI_TRACES names no folder with recordings";
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    auto trace = read_trace(entry.path().string());
    ASSERT_TRUE(trace) << trace.error().message();
    const std::size_t rows = trace->rows.size();
    std::size_t played = 0;
    for (auto& of_id : rows_by_id(std::move(trace->rows))) {
      Replay replay(std::move(of_id));
      played += play(replay);
    }
    EXPECT_EQ(played, rows) << entry.path();
  }
}

}  // namespace
}  // namespace cpi
