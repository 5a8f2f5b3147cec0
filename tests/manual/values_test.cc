// The manual lists what is published, and what a model's file holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "collectd/report.h"
#include "collectd/samples.h"
#include "manual/page.h"
#include "store/model_json.h"

namespace cpi {
namespace {

using testing::HasSubstr;

// One judgement with everything that can be published of it.
std::vector<Judgement> judged() {
  std::vector<Judgement> judgements(1);
  for (auto& finding : judgements[0].findings) {
    finding.emplace();
    finding->score.basis = Basis::buckets;
  }
  return judgements;
}

// "gauge-cpi" and so on, of a service, counted batch work and the host.
std::set<std::string> published() {
  Config config;
  config.services = {{"web", {}}};
  config.batch = {{"train", {}, true}};
  config.policy.act = true;
  Report report(config);
  const Readings readings;
  const Samples samples{
      {sample_of("web", "/a")}, {sample_of("train", "/b")}, {}};
  const auto judgements = judged();
  Tick tick{kEnd, &readings, &samples};
  tick.judgements = &judgements;
  // An incident is open, and its culprit throttled.
  const CgroupId culprit = samples.batch[0].cgroup;
  const std::vector<Suspect> suspects = {{culprit, "train", 0.5}};
  tick.suspects = &suspects;
  PolicyState policy;
  policy.throttles.push_back({culprit, "train", {}, 500});
  tick.policy = &policy;
  std::set<std::string> names;
  for (const Value& value : report.values(tick, {.file_descriptors = 1})) {
    names.insert(std::string(value.type) + "-" +
                 std::string(value.type_instance));
  }
  return names;
}

TEST(ManualTest, EveryPublishedValueStandsInThePageAndNoOther) {
  const Page::Items listed = Page("collectd-cpi.5").items("VALUES");
  std::set<std::string> names = published();
  for (const auto& [name, text] : listed) {
    if (name == "Sy") continue;  // the heading of the table
    EXPECT_EQ(names.erase(name), 1u) << name << " is listed, not published";
  }
  EXPECT_THAT(names, testing::IsEmpty()) << "published, and not listed";
}

TEST(ManualTest, EveryMemberOfAModelFileStandsInThePage) {
  ModelFile file;
  file.service = "web";
  file.signals[static_cast<int>(Signal::cpi)].emplace(Buckets(0.001));
  const std::string text = to_text(file);
  const Page page("cpi-model.5");
  const std::regex member("\"([a-z_0-9]+)\":");
  std::sregex_iterator match(text.begin(), text.end(), member);
  ASSERT_NE(match, std::sregex_iterator());
  for (; match != std::sregex_iterator(); ++match) {
    EXPECT_THAT(page.text(), HasSubstr("Ic " + (*match)[1].str())) << text;
  }
}

}  // namespace
}  // namespace cpi
