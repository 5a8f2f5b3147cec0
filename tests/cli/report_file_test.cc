#include "cli/report_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/recorded_story.h"
#include "store/atomic_file.h"
#include "support/samples.h"
#include "support/temporary_directory.h"
#include "watch.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class ReportFileTest : public testing::Test {
 protected:
  ReportFileTest() { options_.output = directory_ / "report.html"; }
  Result<> write() { return write_report(Story{}, options_); }

  TemporaryDirectory directory_;
  ReportOptions options_;
};

TEST_F(ReportFileTest, IsAPageInTheLanguageAndZoneAskedFor) {
  options_.language = "zh";
  options_.zone = "Asia/Hong_Kong";
  ASSERT_TRUE(write());
  const auto page = read_file(options_.output);
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, HasSubstr("1970-01-01 08:00:00 HKT"));
  EXPECT_THAT(*page, HasSubstr("zh-Hans"));
}

TEST_F(ReportFileTest, EveryPageHasANonceOfItsOwn) {
  ASSERT_TRUE(write());
  const auto first = *read_file(options_.output);
  ASSERT_TRUE(write());
  const auto nonce_of = [](const std::string& page) {
    return page.substr(page.find("nonce-"), 38);
  };
  EXPECT_NE(nonce_of(first), nonce_of(*read_file(options_.output)));
}

TEST_F(ReportFileTest, WhatIsNoFileIsNotReplaced) {
  std::ofstream(directory_ / "precious") << "here";
  std::filesystem::create_symlink(directory_ / "precious", options_.output);
  const auto done = write();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), HasSubstr("no file"));
  EXPECT_EQ(*read_file(directory_ / "precious"), "here");
}

TEST_F(ReportFileTest, AnUnknownZoneIsAnErrorAndNoFile) {
  options_.zone = "Mars/Olympus";
  EXPECT_FALSE(write());
  EXPECT_FALSE(std::filesystem::exists(options_.output));
}

TEST(RecordedStoryTest, HasAWindowPerJudgementHoweverOftenItIsJudged) {
  const Sample sample = sample_at(Instant(std::chrono::seconds(500)),
                                  std::chrono::seconds(10), 0.25, 2);
  Judgement judgement;
  judgement.sample = &sample;
  RecordedStory recorded("nginx.csv", {"web"});
  recorded.add(judgement);
  recorded.add(judgement);
  const Story story = recorded.finish({}, ModelConfig{});
  EXPECT_EQ(story.subject, "nginx.csv");
  ASSERT_THAT(story.services, SizeIs(1));
  ASSERT_THAT(story.services[0].history.windows, SizeIs(1));
  EXPECT_EQ(story.services[0].history.windows[0].time_ms, 500'000);
  EXPECT_EQ(story.to_ms, 500'000);
  EXPECT_FALSE(story.services[0].model);
}

}  // namespace
}  // namespace cpi
