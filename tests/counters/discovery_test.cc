#include "counters/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/file_tree.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Change = Discovery::Change;

constexpr Instant kStart{seconds(1000)};
constexpr const char* kUid = "0a1b2c3d-1111-2222-3333-444455556666";

Config web_config() {
  Config config;
  config.services = {{"web", {{Selector::Kind::glob, "/**/web-*"}}}};
  return config;
}

class DiscoveryTest : public testing::Test {
 protected:
  Discovery make() {
    config_.counters.pod_logs = tree_.path("pods");
    return {
        config_, tree_.path("cg"),
        [this](Severity, const std::string& line) { log_.push_back(line); }};
  }

  static std::vector<std::string> paths(const Discovery& discovery) {
    std::vector<std::string> all;
    for (const Workload& workload : discovery.workloads()) {
      all.push_back(workload.cgroup.path);
    }
    return all;
  }

  FileTree tree_{{"cg/web-1/", ""}, {"cg/other/", ""}};
  Config config_ = web_config();
  std::vector<std::string> log_;
};

TEST_F(DiscoveryTest, LooksOnceAndThenOnlyWhenSomethingChanged) {
  Discovery discovery = make();
  EXPECT_EQ(discovery.update(kStart), Change::full_scan);
  EXPECT_THAT(paths(discovery), ElementsAre("/web-1"));
  EXPECT_EQ(discovery.update(kStart + seconds(1)), Change::none);
  tree_.write("cg/deep/web-2/", "");
  EXPECT_EQ(discovery.update(kStart + seconds(2)), Change::some);
  EXPECT_THAT(paths(discovery), ElementsAre("/deep/web-2", "/web-1"));
  tree_.remove("cg/web-1");
  EXPECT_EQ(discovery.update(kStart + seconds(3)), Change::some);
  EXPECT_THAT(paths(discovery), ElementsAre("/deep/web-2"));
}

TEST_F(DiscoveryTest, LooksAgainAfterAMinuteInAnyCase) {
  Discovery discovery = make();
  discovery.update(kStart);
  const Instant later = kStart + Discovery::kFullScan;
  EXPECT_EQ(discovery.update(later - seconds(1)), Change::none);
  EXPECT_EQ(discovery.update(later), Change::full_scan);
  EXPECT_EQ(discovery.update(later + seconds(1)), Change::none);
}

TEST_F(DiscoveryTest, LooksAgainWhenToldTo) {
  Discovery discovery = make();
  discovery.update(kStart);
  discovery.look_again();
  EXPECT_EQ(discovery.update(kStart + seconds(1)), Change::some);
  EXPECT_EQ(discovery.update(kStart + seconds(2)), Change::none);
}

TEST_F(DiscoveryTest, AnUnreadableTreeChangesNothingAndIsSaidOnce) {
  Discovery discovery = make();
  discovery.update(kStart);
  tree_.rename("cg", "elsewhere");
  for (int i = 1; i < 4; ++i) {
    discovery.look_again();
    discovery.update(kStart + seconds(i));
    EXPECT_THAT(paths(discovery), ElementsAre("/web-1"));
  }
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr("No such file"));
  tree_.rename("elsewhere", "cg");
  discovery.update(kStart + seconds(5));
  EXPECT_THAT(log_.back(), HasSubstr("can be read again"));
}

TEST_F(DiscoveryTest, RemarksAreMadeOnceHoweverTheCgroupsChange) {
  config_.services.push_back({"all", {{Selector::Kind::glob, "/web-*"}}});
  Discovery discovery = make();
  discovery.update(kStart);
  tree_.write("cg/web-2/", "");
  discovery.update(kStart + seconds(1));
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr("belongs to Service \"web\""));
}

TEST_F(DiscoveryTest, ABadSelectorIsSaidOnceAndTheRestGoesOn) {
  config_.batch.push_back({"bad", {{Selector::Kind::regex, "("}}});
  Discovery discovery = make();
  discovery.update(kStart);
  discovery.look_again();
  discovery.update(kStart + seconds(1));
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr("RE2"));
  EXPECT_THAT(paths(discovery), ElementsAre("/web-1"));
}

TEST_F(DiscoveryTest, FindsAPodWhoseLogFolderAppearsAfterItsCgroup) {
  config_.services = {{"cart", {{Selector::Kind::deployment, "shop/cart"}}}};
  tree_.write("pods/", "");
  tree_.write(std::string("cg/kubepods/burstable/pod") + kUid + "/id/", "");
  Discovery discovery = make();
  discovery.update(kStart);
  EXPECT_THAT(paths(discovery), IsEmpty());
  tree_.write(std::string("pods/shop_cart-5d59d67564-zx2kq_") + kUid + "/", "");
  tree_.write("pods/not-a-pod/", "");
  EXPECT_EQ(discovery.update(kStart + seconds(1)), Change::some);
  EXPECT_THAT(paths(discovery),
              ElementsAre(std::string("/kubepods/burstable/pod") + kUid));
}

TEST_F(DiscoveryTest, MissingPodLogsAreSaidOnceAndOnlyIfSomebodyNeedsThem) {
  make().update(kStart);
  EXPECT_THAT(log_, IsEmpty());
  config_.services = {{"cart", {{Selector::Kind::deployment, "shop/cart"}}}};
  Discovery discovery = make();
  discovery.update(kStart);
  discovery.update(kStart + Discovery::kFullScan);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr(tree_.path("pods")));
}

}  // namespace
}  // namespace cpi
