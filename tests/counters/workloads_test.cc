#include "counters/workloads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Selector glob(const std::string& text) { return {Selector::Kind::glob, text}; }

class WorkloadsTest : public testing::Test {
 protected:
  // "BLOCK:PATH" of what is selected.
  std::vector<std::string> select(const std::vector<std::string>& paths) {
    std::vector<CgroupId> cgroups;
    for (const std::string& path : paths) {
      cgroups.push_back({1, cgroups.size() + 1, path});
    }
    blocks_ = compile_blocks(config_, errors_);
    const Selection selection = select_workloads(cgroups, blocks_, {});
    remarks_ = selection.remarks;
    std::vector<std::string> all;
    for (const Workload& workload : selection.workloads) {
      all.push_back(workload.block->name + ":" + workload.cgroup.path);
    }
    return all;
  }

  void service(const std::string& name, const std::string& pattern) {
    config_.services.push_back({name, {glob(pattern)}});
  }
  void batch(const std::string& name, const std::string& pattern) {
    config_.batch.push_back({name, {glob(pattern)}});
  }

  Config config_;
  std::vector<Block> blocks_;
  std::vector<Error> errors_;
  std::vector<Remark> remarks_;
};

TEST_F(WorkloadsTest, SeveralMatchesAreReplicas) {
  service("web", "/web-*");
  EXPECT_THAT(select({"/db", "/web-1", "/web-2"}),
              ElementsAre("web:/web-1", "web:/web-2"));
  EXPECT_THAT(remarks_, IsEmpty());
}

TEST_F(WorkloadsTest, NothingMatchesNothing) {
  service("web", "/web-*");
  EXPECT_THAT(select({"/db"}), IsEmpty());
  EXPECT_THAT(select({}), IsEmpty());
}

TEST_F(WorkloadsTest, ComeInTheOrderOfTheConfiguration) {
  batch("b", "/a-batch");
  service("z", "/z");
  service("m", "/m");
  EXPECT_THAT(select({"/a-batch", "/m", "/z"}),
              ElementsAre("z:/z", "m:/m", "b:/a-batch"));
}

TEST_F(WorkloadsTest, AMatchInsideAnotherIsCountedOnce) {
  service("web", "/web/**");
  EXPECT_THAT(select({"/web", "/web/a", "/web/a/b", "/web2"}),
              ElementsAre("web:/web"));
  ASSERT_FALSE(remarks_.empty());
  EXPECT_THAT(remarks_[0].text, HasSubstr("/web/a lies inside"));
}

TEST_F(WorkloadsTest, ANeighbourWhoseNameBeginsAlikeIsNotInside) {
  service("web", "/web*");
  EXPECT_THAT(select({"/web", "/web-2"}),
              ElementsAre("web:/web", "web:/web-2"));
}

TEST_F(WorkloadsTest, TheFirstOfTwoServicesWinsAndItIsSaid) {
  service("first", "/web");
  service("second", "/w*");
  EXPECT_THAT(select({"/web", "/wiki"}),
              ElementsAre("first:/web", "second:/wiki"));
  ASSERT_EQ(remarks_.size(), 1U);
  EXPECT_EQ(remarks_[0].text,
            "Service \"second\": /web belongs to Service \"first\", which "
            "comes first");
}

TEST_F(WorkloadsTest, WhatIsServiceAndBatchIsAService) {
  batch("b", "/*");
  service("s", "/web");
  EXPECT_THAT(select({"/job", "/web"}), ElementsAre("s:/web", "b:/job"));
}

TEST_F(WorkloadsTest, ABatchInsideAServiceIsPartOfIt) {
  service("s", "/web");
  batch("b", "/web/*");
  EXPECT_THAT(select({"/web", "/web/job"}), ElementsAre("s:/web"));
  ASSERT_EQ(remarks_.size(), 1U);
  EXPECT_THAT(remarks_[0].text, HasSubstr("is part of it"));
}

TEST_F(WorkloadsTest, ABatchAroundAServiceIsNeverThrottledWithIt) {
  service("s", "/pods/web");
  batch("b", "/**");
  EXPECT_THAT(select({"/pods", "/pods/job", "/pods/job/x", "/pods/web"}),
              ElementsAre("s:/pods/web", "b:/pods/job"));
  EXPECT_THAT(remarks_,
              testing::Contains(testing::Field(
                  &Remark::text, HasSubstr("/pods contains Service \"s\""))));
}

TEST_F(WorkloadsTest, OnlyServicesAreCountedUnlessABatchAsksForIt) {
  service("s", "/s");
  batch("quiet", "/q");
  config_.batch.push_back({"loud", {glob("/l")}, true});
  select({});
  EXPECT_TRUE(blocks_[0].counted);
  EXPECT_FALSE(blocks_[1].counted);
  EXPECT_TRUE(blocks_[2].counted);
}

TEST_F(WorkloadsTest, ABadSelectorIsReportedAndTheOthersOfItsBlockStay) {
  config_.services.push_back({"web", {glob("no-slash"), glob("/web")}});
  EXPECT_THAT(select({"/web"}), ElementsAre("web:/web"));
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_THAT(errors_[0].what, HasSubstr("no-slash"));
}

}  // namespace
}  // namespace cpi
