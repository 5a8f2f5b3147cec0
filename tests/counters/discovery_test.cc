#include "counters/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <map>

#include "support/file_tree.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Change = Discovery::Change;

constexpr Instant kStart{seconds(1000)};
constexpr Duration kMinute = Discovery::kFullScan;
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
        [this](Severity, const std::string& line) { log_.push_back(line); },
        [this](const std::string& path) -> Result<std::vector<std::string>> {
          const auto fault = faults_.find(path);
          if (fault == faults_.end()) return list_directories(path);
          return fail(fault->second, "open " + path);
        }};
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
  std::map<std::string, int> faults_;  // errno of listing a directory
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

TEST_F(DiscoveryTest, PodsStayKnownWhileTheirFolderCannotBeListed) {
  config_.services = {{"cart", {{Selector::Kind::deployment, "shop/cart"}}}};
  tree_.write(std::string("pods/shop_cart-5d59d67564-zx2kq_") + kUid + "/", "");
  tree_.write(std::string("cg/kubepods/pod") + kUid + "/", "");
  Discovery discovery = make();
  discovery.update(kStart);
  const std::string pod = std::string("/kubepods/pod") + kUid;
  EXPECT_THAT(paths(discovery), ElementsAre(pod));
  faults_[tree_.path("pods")] = EMFILE;
  discovery.update(kStart + Discovery::kFullScan);
  EXPECT_THAT(paths(discovery), ElementsAre(pod));
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr(tree_.path("pods")));
  faults_.clear();
  tree_.remove(std::string("pods/shop_cart-5d59d67564-zx2kq_") + kUid);
  discovery.update(kStart + 2 * Discovery::kFullScan);
  EXPECT_THAT(paths(discovery), IsEmpty());
}

TEST_F(DiscoveryTest, APartThatMayNotBeListedIsNamedOnceAndTheRestIsWatched) {
  tree_.write("cg/secret/web-9/", "");
  faults_[tree_.path("cg/secret")] = EACCES;
  Discovery discovery = make();
  for (int i = 0; i < 3; ++i) discovery.update(kStart + i * kMinute);
  EXPECT_THAT(paths(discovery), ElementsAre("/web-1"));
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr(tree_.path("cg/secret")));
  faults_.clear();
  discovery.update(kStart + 3 * kMinute);
  EXPECT_THAT(paths(discovery), ElementsAre("/secret/web-9", "/web-1"));
  EXPECT_THAT(log_.back(), HasSubstr("can be listed now"));
}

TEST_F(DiscoveryTest, OfManyPartsThatMayNotBeListedAFewAreNamed) {
  for (int i = 0; i < 10; ++i) {
    const std::string path = "cg/secret-" + std::to_string(i);
    tree_.write(path + "/", "");
    faults_[tree_.path(path)] = EACCES;
  }
  make().update(kStart);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr("; 7 more"));
}

TEST_F(DiscoveryTest, ATreeThatIsTooDeepIsCalledSoUntilItIsNot) {
  std::string path = "cg";
  for (int i = 0; i < 33; ++i) path += "/d";
  tree_.write(path + "/", "");
  Discovery discovery = make();
  for (int i = 0; i < 3; ++i) discovery.update(kStart + i * kMinute);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_THAT(log_[0], HasSubstr("deeper than the 32 levels"));
  tree_.remove("cg/d");
  discovery.update(kStart + 3 * kMinute);
  ASSERT_EQ(log_.size(), 2U);
  EXPECT_THAT(log_[1], HasSubstr("down to its leaves"));
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
