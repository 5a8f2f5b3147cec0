#include "report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kBegin = 1'792'886'400'000;
const std::string kEvil =
    R"("><script>alert('x')</script>&{{nonce}}{{{style}}})";

class PageTest : public testing::Test {
 protected:
  PageTest() {
    story_.subject = kEvil;
    story_.from_ms = kBegin;
    story_.to_ms = kBegin + 3'600'000;
    story_.remarks = {kEvil};
    auto& service = story_.services.emplace_back();
    service.history.service = kEvil;
    service.history.remarks = {kEvil};
    service.model.emplace(Buckets(0.001)).buckets.insert(250).folds[0] = {9, 2,
                                                                          0.1};
    WindowRecord window;
    window.time_ms = kBegin + 10'000;
    window.length_ms = 10'000;
    window.value = 2;
    window.usage = 0.25;
    service.history.windows = {window};
    EventRecord event;
    event.time_ms = kBegin + 10'000;
    put(event.cgroup, kEvil);
    put(event.workload, kEvil);
    put(event.reason, "<script>");
    for (const auto kind :
         {EventRecord::Kind::opened, EventRecord::Kind::suspect,
          EventRecord::Kind::lowered, EventRecord::Kind::closed}) {
      event.kind = kind;
      service.history.events.push_back(event);
    }
  }
  std::string page(const std::string& language = "en") {
    auto zone = Zone::named("UTC");
    auto html =
        page_of(story_, {*words_in(language), *zone}, "abc123", [](double) {});
    EXPECT_TRUE(html);
    return *html;
  }
  static int count(const std::string& text, const std::string& what) {
    int count = 0;
    for (auto at = text.find(what); at != std::string::npos;
         at = text.find(what, at + 1)) {
      ++count;
    }
    return count;
  }

  Story story_;
};

TEST_F(PageTest, NothingFromOutsideBecomesMarkup) {
  const std::string html = page();
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("\"><script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&apos;x&apos;)"));
  // Nor a template.
  EXPECT_THAT(html, HasSubstr("{{nonce}}{{{style}}}"));
  // The page's own two, both with its nonce.
  EXPECT_EQ(count(html, "<script nonce=\"abc123\">"), 2);
  EXPECT_EQ(count(html, "<script"), 2);
}

TEST_F(PageTest, NeedsNothingFromElsewhere) {
  const std::string html = page();
  EXPECT_THAT(html, Not(HasSubstr(" src=")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST_F(PageTest, ShipsTheChartLibraryWithItsLicence) {
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("Chart.js v"));
  EXPECT_THAT(html, HasSubstr("Permission is hereby granted"));
}

TEST_F(PageTest, EveryChartHasASummaryAndATable) {
  const std::string html = page();
  const int charts = count(html, "data-chart=\"");
  EXPECT_EQ(charts, 5);
  EXPECT_EQ(count(html, "<canvas role=\"img\" aria-labelledby="), charts);
  EXPECT_EQ(count(html, "<table>"), charts + 2);  // clusters: two; trust
}

TEST_F(PageTest, SpeaksTheLanguageItIsAskedFor) {
  EXPECT_THAT(page("en"), HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(page("zh"), HasSubstr("<html lang=\"zh-Hans\">"));
  EXPECT_THAT(page("zh"), HasSubstr("嫌疑容器"));
}

TEST_F(PageTest, WithoutServicesItSaysSo) {
  story_.services.clear();
  EXPECT_THAT(page(), HasSubstr("There is no history of any service"));
}

TEST_F(PageTest, IdentifiersOccurOnce) {
  story_.services.push_back(story_.services[0]);
  const std::string html = page();
  const std::regex id(" id=\"([^\"]+)\"");
  std::map<std::string, int> seen;
  const auto end = html.find("<script nonce");
  const std::string body = html.substr(0, end);
  for (std::sregex_iterator it(body.begin(), body.end(), id), none; it != none;
       ++it) {
    EXPECT_EQ(++seen[(*it)[1]], 1) << (*it)[1];
  }
  EXPECT_GT(seen.size(), 20U);
}

}  // namespace
}  // namespace cpi
