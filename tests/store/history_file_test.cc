#include "store/history_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kNoon = 1'700'049'600'000;  // 2023-11-15 12:00 UTC

WindowRecord window(std::int64_t time_ms, float value) {
  WindowRecord record;
  record.time_ms = time_ms;
  record.length_ms = 10'000;
  record.value = value;
  return record;
}

EventRecord event(EventRecord::Kind kind, std::int64_t time_ms = kNoon) {
  EventRecord record;
  record.kind = kind;
  record.time_ms = time_ms;
  return record;
}

class HistoryFileTest : public testing::Test {
 protected:
  HistoryWriter writer(const std::vector<std::string>& services) {
    return HistoryWriter(
        directory_.path(), services, size_,
        [this](Severity, const std::string& text) { log_.push_back(text); });
  }
  void add(std::size_t service, const WindowRecord& window) {
    page_.windows.push_back({service, window});
  }
  void add(std::size_t service, const EventRecord& event) {
    page_.events.push_back({service, event});
  }
  void add(std::size_t service, const TotalRecord& total) {
    page_.totals.push_back({service, total});
  }
  void flush(HistoryWriter& writer) {
    writer.hand_over(page_);
    writer.write();
  }
  ServiceHistory read(const std::string& service) {
    return read_history(directory_.path(), service);
  }

  TemporaryDirectory directory_;
  HistoryWriter::Size size_{10, 10, 10};
  HistoryPage page_;
  std::vector<std::string> log_;
};

TEST_F(HistoryFileTest, ReadsBackWhatWasWritten) {
  HistoryWriter history = writer({"web", "db"});
  WindowRecord record = window(kNoon, 1.5F);
  record.flags = WindowRecord::kAnomaly | WindowRecord::kIncident;
  record.replicas = 3;
  add(1, record);
  EventRecord lowered = event(EventRecord::Kind::lowered);
  put(lowered.cgroup, "/kubepods/pod1");
  put(lowered.reason, "explains");
  lowered.before = 4;
  lowered.after = 2;
  add(1, lowered);
  add(1, total_of(lowered));
  flush(history);

  const ServiceHistory db = read("db");
  ASSERT_THAT(db.windows, SizeIs(1));
  EXPECT_EQ(db.windows[0].time_ms, kNoon);
  EXPECT_EQ(db.windows[0].value, 1.5F);
  EXPECT_TRUE(std::isnan(db.windows[0].latency));
  EXPECT_TRUE(db.windows[0].has(WindowRecord::kIncident));
  EXPECT_FALSE(db.windows[0].has(WindowRecord::kNoise));
  EXPECT_EQ(db.windows[0].replicas, 3);
  ASSERT_THAT(db.events, SizeIs(1));
  EXPECT_EQ(text_of(db.events[0].cgroup), "/kubepods/pod1");
  EXPECT_EQ(text_of(db.events[0].reason), "explains");
  EXPECT_EQ(db.events[0].after, 2);
  ASSERT_THAT(db.totals, SizeIs(1));
  EXPECT_EQ(db.totals[0].lowered, 1);
  EXPECT_THAT(db.remarks, IsEmpty());
  EXPECT_THAT(read("web").windows, IsEmpty());
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(HistoryFileTest, NamesOfServicesMayHoldAnything) {
  const std::string odd = "../a b/<c>%41.x";
  HistoryWriter history = writer({odd, "web"});
  add(0, window(kNoon, 1));
  add(1, window(kNoon, 1));
  flush(history);
  EXPECT_THAT(services_with_history(directory_.path()),
              ElementsAre(odd, "web"));
  EXPECT_THAT(read(odd).windows, SizeIs(1));
}

TEST_F(HistoryFileTest, ThereIsNoHistoryWhereThereIsNoDirectory) {
  EXPECT_THAT(services_with_history(directory_ / "none"), IsEmpty());
  EXPECT_THAT(read("web").windows, IsEmpty());
  EXPECT_THAT(read("web").remarks, IsEmpty());
}

TEST_F(HistoryFileTest, TotalsOfOneQuarterAreOneRecord) {
  HistoryWriter history = writer({"web"});
  for (int i = 0; i < 5; ++i) {
    add(0, total_of(event(EventRecord::Kind::opened,
                          kNoon + std::int64_t{i} * 60'000)));
    add(0, frozen_total(kNoon + std::int64_t{i} * 60'000, 10));
    flush(history);
  }
  add(0, total_of(event(EventRecord::Kind::refuted, kNoon + kQuarterMs)));
  flush(history);
  const auto totals = read("web").totals;
  ASSERT_THAT(totals, SizeIs(2));
  EXPECT_EQ(totals[0].begin_ms, kNoon);
  EXPECT_EQ(totals[0].incidents, 5);
  EXPECT_EQ(totals[0].frozen_s, 50);
  EXPECT_EQ(totals[1].begin_ms, kNoon + kQuarterMs);
  EXPECT_EQ(totals[1].refuted, 1);
}

TEST_F(HistoryFileTest, ARestartWithinAQuarterKeepsWhatWasCounted) {
  for (int i = 0; i < 2; ++i) {
    HistoryWriter history = writer({"web"});
    add(0, total_of(event(EventRecord::Kind::raised)));
    flush(history);
  }
  int raised = 0;
  for (const auto& total : read("web").totals) raised += total.raised;
  EXPECT_EQ(raised, 2);
}

TEST_F(HistoryFileTest, WhatWouldHaveBeenDoneIsNotCounted) {
  EventRecord lowered = event(EventRecord::Kind::lowered);
  EXPECT_FALSE(total_of(lowered).empty());
  lowered.flags = EventRecord::kDryRun;
  EXPECT_TRUE(total_of(lowered).empty());
}

TEST_F(HistoryFileTest, CountsThatDoNotFitStayAtTheMost) {
  TotalRecord total;
  total.lowered = 65'000;
  total += total;
  EXPECT_EQ(total.lowered, 65'535);
  EXPECT_EQ(frozen_total(kNoon, 1e9).frozen_s, 900);
  EXPECT_TRUE(frozen_total(kNoon, -5).empty());
}

TEST_F(HistoryFileTest, OfALongNameTheEndIsKept) {
  EventRecord record;
  put(record.cgroup, std::string(400, 'a') + "/container-1");
  EXPECT_EQ(text_of(record.cgroup).size(), record.cgroup.size());
  EXPECT_THAT(text_of(record.cgroup), testing::EndsWith("/container-1"));
}

TEST_F(HistoryFileTest, RecordsThatNoPluginWritesAreLeftOut) {
  HistoryWriter history = writer({"web"});
  add(0, window(-5, 1));
  add(0, window(kNoon, 1e30F));
  add(0, window(kNoon, 2));
  add(0, event(EventRecord::Kind{77}));
  flush(history);
  const auto read_back = read("web");
  ASSERT_THAT(read_back.windows, SizeIs(1));
  EXPECT_EQ(read_back.windows[0].value, 2);
  EXPECT_THAT(read_back.events, IsEmpty());
  EXPECT_THAT(read_back.remarks,
              ElementsAre(HasSubstr("2 damaged"), HasSubstr("1 damaged")));
}

TEST_F(HistoryFileTest, AnotherVersionIsSetAsideWithAMessage) {
  std::ofstream(directory_ / "web.windows") << std::string(9000, 'x');
  EXPECT_THAT(read("web").remarks, ElementsAre(HasSubstr("no windows/1")));
  HistoryWriter history = writer({"web"});
  add(0, window(kNoon, 2));
  flush(history);
  EXPECT_THAT(read("web").windows, SizeIs(1));
  EXPECT_THAT(log_, ElementsAre(HasSubstr("begun anew")));
}

TEST_F(HistoryFileTest, AFailureIsSaidOnceAndItsEndToo) {
  std::filesystem::create_directories(directory_ / "web.windows");
  HistoryWriter history = writer({"web"});
  for (int i = 0; i < 3; ++i) {
    add(0, window(kNoon, 2));
    flush(history);
  }
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_THAT(log_[0], HasSubstr("history of web is not kept"));
  std::filesystem::remove(directory_ / "web.windows");
  add(0, window(kNoon, 3));
  flush(history);
  EXPECT_THAT(log_, SizeIs(2));
  EXPECT_THAT(read("web").windows, SizeIs(1));
}

TEST_F(HistoryFileTest, WhileNothingIsWrittenTheNewestAreLostAndCounted) {
  size_.windows = 30'000;
  HistoryWriter history = writer({"web"});
  for (int i = 0; i < 25'000; ++i) {
    add(0, window(kNoon + i, 1));
    history.hand_over(page_);
  }
  history.write();
  EXPECT_THAT(read("web").windows, SizeIs(20'000));
  EXPECT_THAT(log_, ElementsAre(HasSubstr("lacks 5000 records")));
}

TEST_F(HistoryFileTest, BothThreadsMayMeetAndNothingIsLost) {
  size_.windows = 5000;
  HistoryWriter history = writer({"web"});
  std::thread reader([&] {
    for (int i = 0; i < 5000; ++i) {
      add(0, window(kNoon + i, 1));
      history.hand_over(page_);
    }
  });
  for (int i = 0; i < 50; ++i) history.write();
  reader.join();
  flush(history);
  history.write();
  const auto windows = read("web").windows;
  ASSERT_THAT(windows, SizeIs(5000));
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(windows[i].time_ms, kNoon + i);
}

}  // namespace
}  // namespace cpi
