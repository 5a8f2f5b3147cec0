#include "report/panels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = EventRecord::Kind;

constexpr std::int64_t kWindow = 10'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kBegin = 1'792'886'400'000;  // 2026-10-25 00:00 UTC

class PanelsTest : public testing::Test {
 protected:
  PanelsTest() {
    story_.from_ms = kBegin;
    story_.to_ms = kBegin + 24 * kHour;
    story_.services.emplace_back().history.service = "web";
  }

  ServiceStory& service() { return story_.services.front(); }
  ServiceHistory& history() { return service().history; }
  WindowRecord& window(std::int64_t i, float value = 2) {
    WindowRecord record;
    record.time_ms = kBegin + (i + 1) * kWindow;
    record.length_ms = kWindow;
    record.usage = 0.25;
    record.value = value;
    record.expected = 2;
    record.standard_deviation = 0.1F;
    record.deviations = 3;
    return history().windows.emplace_back(record);
  }
  EventRecord& event(Kind kind, std::int64_t time_ms) {
    EventRecord record;
    record.kind = kind;
    record.time_ms = time_ms;
    put(record.cgroup, "/k/pod");
    return history().events.emplace_back(record);
  }
  Setting setting() { return {*words_, zone_}; }
  Figure timeline() { return timeline_panel(story_, service(), setting()); }
  static std::vector<std::string> column(const Table& table,
                                         const std::string& role) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].role != role) continue;
      for (const Row& row : table.rows) cells.push_back(row.cells[i]);
    }
    return cells;
  }

  Story story_;
  const Words* words_ = words_in("en");
  Zone zone_ = *Zone::named("UTC");
};

TEST_F(PanelsTest, EveryRowHasACellForEveryColumn) {
  for (int i = 0; i < 500; ++i) window(i);
  event(Kind::opened, kBegin + kHour);
  event(Kind::suspect, kBegin + kHour);
  event(Kind::lowered, kBegin + kHour + 1);
  const auto incidents = incident_panels(service(), setting());
  for (const Figure& figure :
       {timeline(), trust_panel(story_, setting()),
        days_panel(story_, setting()), incidents.panels[0].suspects,
        incidents.panels[0].steps}) {
    ASSERT_THAT(figure.tables, testing::Not(IsEmpty())) << figure.title;
    for (const Table& table : figure.tables) {
      for (const Row& row : table.rows) {
        EXPECT_EQ(row.cells.size(), table.columns.size()) << table.caption;
      }
    }
  }
}

TEST_F(PanelsTest, AShortPeriodShowsEveryWindow) {
  story_.to_ms = kBegin + 100 * kWindow;
  for (int i = 0; i < 100; ++i) window(i);
  const Figure figure = timeline();
  ASSERT_THAT(figure.tables[0].rows, SizeIs(100));
  EXPECT_EQ(figure.tables[0].rows[1].time_ms, kBegin + kWindow);
  EXPECT_EQ(figure.tables[0].rows[1].cells[0], "2026-10-25 00:00:10 UTC");
}

TEST_F(PanelsTest, ALongOneShowsMeansAndWhatDeviatesMost) {
  for (int i = 0; i < 8640; ++i) window(i);
  history().windows[100].value = 5;
  history().windows[100].flags = WindowRecord::kAnomaly;
  const Figure figure = timeline();
  const Table& table = figure.tables[0];
  EXPECT_THAT(table.rows, SizeIs(kTimelineRows));
  EXPECT_EQ(column(table, "value")[3], "2.1");
  EXPECT_EQ(column(table, "highest")[3], "5");
  EXPECT_EQ(column(table, "anomalies")[3], "1");
  EXPECT_EQ(column(table, "value")[4], "2");
  EXPECT_EQ(column(table, "low")[4], "1.7");
  EXPECT_EQ(column(table, "high")[4], "2.3");
  EXPECT_THAT(figure.summary, HasSubstr("1 of 8640 windows were anomalous"));
}

TEST_F(PanelsTest, WhereNothingWasRecordedThereIsNoRow) {
  window(0);
  window(8639);
  EXPECT_THAT(timeline().tables[0].rows, SizeIs(2));
}

TEST_F(PanelsTest, WhatWasNotMeasuredIsADash) {
  window(0);
  EXPECT_THAT(column(timeline().tables[0], "latency"), ElementsAre("–"));
  history().windows[0].expected = kNotMeasured;
  EXPECT_THAT(column(timeline().tables[0], "low"), ElementsAre("–"));
  EXPECT_THAT(column(timeline().tables[0], "value"), ElementsAre("2"));
}

TEST_F(PanelsTest, WithoutWindowsThereIsNothingToDraw) {
  const Figure figure = timeline();
  EXPECT_THAT(figure.tables, IsEmpty());
  EXPECT_EQ(figure.summary, words_->no_windows);
}

TEST_F(PanelsTest, AClockSetBackDoesNotTurnThePictureAround) {
  window(20);
  window(10);
  window(9'000'000);
  cut(story_);
  ASSERT_THAT(history().windows, SizeIs(2));
  EXPECT_LT(history().windows[0].time_ms, history().windows[1].time_ms);
}

TEST_F(PanelsTest, ClustersHaveARowPerBucketWithItsBand) {
  LearnerState state{Buckets(0.001)};
  for (int i = 100; i < 150; ++i) {
    state.buckets.insert(i).folds[i % 2] = {50, 2.0 + 0.001 * i, 0.5};
  }
  state.deviations = 3;
  service().model = state;
  const Figure figure = clusters_panel(story_, service(), setting());
  ASSERT_THAT(figure.tables, SizeIs(2));
  const Table& buckets = figure.tables[0];
  ASSERT_THAT(buckets.rows, SizeIs(50));
  EXPECT_EQ(column(buckets, "usage")[0], "10.05");
  EXPECT_EQ(column(buckets, "weight")[0], "50");
  EXPECT_EQ(column(buckets, "value")[0], "2.1");
  for (std::size_t i = 0; i < 50; ++i) {
    const double low = std::stod(column(buckets, "low")[i]);
    const double expected = std::stod(column(buckets, "expected")[i]);
    const double high = std::stod(column(buckets, "high")[i]);
    EXPECT_LT(low, expected);
    EXPECT_NEAR(high - expected, expected - low, 0.002);
  }
  EXPECT_THAT(figure.summary, HasSubstr("50 buckets"));
}

TEST_F(PanelsTest, OfTooManyBucketsTheHeaviestAreShown) {
  LearnerState state{Buckets(0.0001)};
  for (int i = 0; i < 1000; ++i) {
    state.buckets.insert(i).folds[0] = {i < 400 ? 1.0 : 9.0, 2, 0.1};
  }
  service().model = state;
  const Figure figure = clusters_panel(story_, service(), setting());
  EXPECT_THAT(figure.tables[0].rows, SizeIs(kMostBuckets));
  EXPECT_THAT(column(figure.tables[0], "weight"), Each("9"));
}

TEST_F(PanelsTest, TheLatestWindowsAndOlderAnomaliesAreShown) {
  service().model.emplace(Buckets(0.001)).buckets.insert(250).folds[0] = {9, 2,
                                                                          0.1};
  for (int i = 0; i < 1000; ++i) window(i);
  history().windows[5].flags = WindowRecord::kAnomaly;
  const Figure figure = clusters_panel(story_, service(), setting());
  const Table& recent = figure.tables[1];
  ASSERT_THAT(recent.rows, SizeIs(kMostRecent + 1));
  EXPECT_EQ(column(recent, "anomaly")[0], "yes");
  EXPECT_EQ(column(recent, "anomaly")[1], "");
}

TEST_F(PanelsTest, WithoutAModelThereAreNoClusters) {
  const Figure figure = clusters_panel(story_, service(), setting());
  EXPECT_THAT(figure.tables, IsEmpty());
  EXPECT_EQ(figure.summary, words_->no_clusters);
}

TEST_F(PanelsTest, AnIncidentHasItsSuspectsInOrderAndItsSteps) {
  for (int i = 0; i < 720; ++i) window(i, i < 360 ? 2.5F : 2.0F);
  event(Kind::opened, kBegin + kHour / 2).incident_ms = kBegin + 1000;
  history().events.back().incident_class = 2;
  for (int i = 0; i < 3; ++i) {
    EventRecord& suspect = event(Kind::suspect, kBegin + kHour / 2);
    suspect.incident_ms = kBegin + 1000;
    suspect.correlation = 0.9F - 0.2F * static_cast<float>(i);
    put(suspect.cgroup, "/k/" + std::to_string(i));
  }
  EventRecord& step = event(Kind::lowered, kBegin + kHour);
  step.before = 8;
  step.after = 4;
  event(Kind::closed, kBegin + 2 * kHour).incident_ms = kBegin + 1000;
  const auto all = incident_panels(service(), setting());
  ASSERT_THAT(all.panels, SizeIs(1));
  const IncidentPanel& panel = all.panels[0];
  EXPECT_EQ(panel.title, "2026-10-25 00:30:00 UTC: mild incident, CPI");
  EXPECT_THAT(panel.summary, HasSubstr("it lasted 120 minutes"));
  const Table& suspects = panel.suspects.tables[0];
  EXPECT_THAT(column(suspects, "name"), ElementsAre("/k/0", "/k/1", "/k/2"));
  EXPECT_THAT(column(suspects, "value"), ElementsAre("0.9", "0.7", "0.5"));
  ASSERT_THAT(panel.steps.tables, SizeIs(1));
  EXPECT_THAT(panel.steps.tables[0].rows[0].cells,
              ElementsAre("2026-10-25 01:00:00 UTC", "/k/pod", "quota lowered",
                          "8", "4", "5", "0", ""));
}

TEST_F(PanelsTest, WhatOnlyWouldHaveBeenDoneIsSaidSo) {
  event(Kind::opened, kBegin + 1000);
  event(Kind::lowered, kBegin + 2000).flags = EventRecord::kDryRun;
  event(Kind::frozen, kBegin + 3000);
  const auto panel = incident_panels(service(), setting()).panels[0];
  EXPECT_THAT(
      column(panel.steps.tables[0], "action"),
      ElementsAre("would have: quota lowered", "host closed to new batch"));
  EXPECT_THAT(panel.summary, HasSubstr("not recorded"));
}

TEST_F(PanelsTest, AStepBelongsToTheIncidentItWasTakenIn) {
  event(Kind::opened, kBegin + 1000).incident_ms = kBegin;
  event(Kind::closed, kBegin + 5000).incident_ms = kBegin;
  event(Kind::lowered, kBegin + 6000);  // in neither
  event(Kind::opened, kBegin + 7000).incident_ms = kBegin + 6500;
  event(Kind::raised, kBegin + 8000);
  const auto panels = incident_panels(service(), setting()).panels;
  ASSERT_THAT(panels, SizeIs(2));
  EXPECT_THAT(column(panels[0].steps.tables[0], "action"),
              ElementsAre("quota raised"));
  EXPECT_THAT(panels[1].steps.tables, IsEmpty());
}

TEST_F(PanelsTest, OfManyIncidentsTheLatestAreShown) {
  for (int i = 0; i < 100; ++i) {
    event(Kind::opened, kBegin + i * 60'000).incident_ms = kBegin + i;
  }
  const auto all = incident_panels(service(), setting());
  EXPECT_THAT(all.panels, SizeIs(kMostIncidents));
  EXPECT_THAT(all.panels[0].title, HasSubstr("01:39:00"));
  EXPECT_THAT(all.summary, HasSubstr("of 100 incidents"));
}

TEST_F(PanelsTest, DaysAreThoseOfTheZone) {
  // 15:45 and 16:00 UTC: the two sides of midnight in Hong Kong.
  for (const int quarter : {63, 64}) {
    TotalRecord total;
    total.begin_ms = kBegin + quarter * kQuarterMs;
    total.lowered = 1;
    total.frozen_s = 90;
    history().totals.push_back(total);
  }
  zone_ = *Zone::named("Asia/Hong_Kong");
  const Figure figure = days_panel(story_, setting());
  const Table& table = figure.tables[0];
  ASSERT_THAT(table.rows, SizeIs(kDays));
  EXPECT_EQ(table.rows[29].cells[0], "2026-10-26");
  EXPECT_EQ(table.rows[29].cells[2], "1");
  EXPECT_EQ(table.rows[28].cells[2], "1");
  EXPECT_EQ(table.rows[28].cells[6], "1.5");
  zone_ = *Zone::named("UTC");
  EXPECT_EQ(days_panel(story_, setting()).tables[0].rows[28].cells[2], "2");
  EXPECT_THAT(figure.summary, HasSubstr("lowered 2 times"));
}

TEST_F(PanelsTest, ADayOfManyServicesIsTheirSum) {
  TotalRecord total;
  total.begin_ms = kBegin;
  total.incidents = 60'000;
  history().totals = {total, total};
  story_.services.push_back(story_.services[0]);
  EXPECT_EQ(days_panel(story_, setting()).tables[0].rows[28].cells[1],
            "240000");
}

TEST_F(PanelsTest, TrustSaysHowOldAndThickAModelIs) {
  window(0).running_ratio = 1;
  window(1).running_ratio = 0.5;
  LearnerState state{Buckets(0.001)};
  state.buckets.insert(1).folds[0] = {7, 2, 0.1};
  state.buckets.insert(2).folds[0] = {9, 2, 0.1};
  state.observed = std::chrono::hours(36);
  state.samples = 5000;
  state.seeded = true;
  service().model = state;
  EXPECT_THAT(
      trust_panel(story_, setting()).tables[0].rows[0].cells,
      ElementsAre("web", "2", "0", "0.75 (0.5)", "ready", "36", "5000", "9"));
  service().model.reset();
  EXPECT_EQ(trust_panel(story_, setting()).tables[0].rows[0].cells[4],
            "none yet");
}

TEST(CellTest, HasNoExponents) {
  EXPECT_EQ(cell(86400), "86400");
  EXPECT_EQ(cell(1.23456), "1.235");
  EXPECT_EQ(cell(0.00001), "1e-05");
  EXPECT_EQ(cell(-123456), "-123456");
  EXPECT_EQ(cell(kNotMeasured), "–");
}

}  // namespace
}  // namespace cpi
