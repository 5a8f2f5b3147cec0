#include "store/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <limits>
#include <sstream>

#include "store/atomic_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

JournalEntry entry() {
  JournalEntry entry;
  entry.event = JournalEntry::Event::incident;
  entry.time_s = 1'700'000'000.5;
  entry.service = "web";
  entry.cgroup = "/system.slice/web.service";
  entry.score.signal = Signal::cpu_wait;
  entry.score.usage = 0.25;
  entry.score.value = 0.5;
  entry.score.expected = 0.1;
  entry.score.standard_deviation = 0.05;
  entry.score.deviation = 8;
  entry.score.abnormal_distribution = true;
  entry.rule = "consecutive";
  entry.incident_class = "severe";
  entry.deviation = 7.5;
  entry.excess = 5;
  entry.lasted_s = 30;
  return entry;
}

TEST(JournalLineTest, ReadsBackWhatItWrote) {
  const auto read = parse_line(to_line(entry()));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(to_line(*read), to_line(entry()));
  EXPECT_EQ(read->cgroup, "/system.slice/web.service");
  EXPECT_EQ(read->score.signal, Signal::cpu_wait);
  EXPECT_TRUE(read->score.abnormal_distribution);
  EXPECT_DOUBLE_EQ(read->lasted_s, 30);
}

TEST(JournalLineTest, IsOneLineWhateverItHolds) {
  JournalEntry odd = entry();
  odd.service = "a\nb\"c";
  odd.cgroup = "/\xff\xfe";
  odd.score.deviation = std::numeric_limits<double>::infinity();
  const std::string line = to_line(odd);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto read = parse_line(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->service, "a\nb\"c");
}

TEST(JournalLineTest, WhatIsNoEntryIsRefused) {
  for (const char* line :
       {"", "{}", "[]", "7", "{\"event\":\"party\"}",
        "{\"event\":\"anomaly\",\"time_s\":\"now\",\"service\":\"web\"}",
        "{\"event\":\"anomaly\",\"time_s\":1,\"service\":\"web\","
        "\"signal\":\"ipc\"}"}) {
    EXPECT_FALSE(parse_line(line)) << line;
  }
}

class JournalTest : public testing::Test {
 protected:
  std::string path() { return directory_ / "anomalies.jsonl"; }
  std::string text(const std::string& suffix = "") {
    return read_file(path() + suffix).value_or("");
  }
  TemporaryDirectory directory_;
};

TEST_F(JournalTest, AppendsWhatOthersWrote) {
  ASSERT_TRUE(Journal(path(), 1000).append("one\n"));
  ASSERT_TRUE(Journal(path(), 1000).append("two\n"));
  EXPECT_EQ(text(), "one\ntwo\n");
}

TEST_F(JournalTest, RotatesBySizeAndKeepsOneOlderFile) {
  Journal journal(path(), 100);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(journal.append("line " + std::to_string(i) + "\n"));
  }
  EXPECT_LE(text().size(), 100u);
  EXPECT_LE(text(".1").size(), 100u);
  EXPECT_GT(text(".1").size(), 80u);
  EXPECT_NE(text().find("line 99\n"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path() + ".2"));
}

TEST_F(JournalTest, ALineLargerThanTheLimitIsStillWritten) {
  Journal journal(path(), 10);
  const std::string line(50, 'x');
  ASSERT_TRUE(journal.append(line + "\n"));
  ASSERT_TRUE(journal.append(line + "\n"));
  EXPECT_EQ(text(), line + "\n");
}

TEST_F(JournalTest, WaitsForNoPipeThatWasPlanted) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_FALSE(Journal(path(), 1000).append("one\n"));
}

TEST_F(JournalTest, ALimitOfZeroWritesNothing) {
  ASSERT_TRUE(Journal(path(), 0).append("one\n"));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(JournalTest, AFullDiskIsAnErrorAndNotTheEnd) {
  std::filesystem::create_symlink("/dev/full", directory_ / "full");
  Journal refused(directory_ / "full", 1000);
  EXPECT_FALSE(refused.append("one\n")) << "symbolic links are not followed";
  Journal full("/dev/full", 1000);
  const auto written = full.append("one\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENOSPC);
  EXPECT_FALSE(full.append("two\n"));
}

}  // namespace
}  // namespace cpi
