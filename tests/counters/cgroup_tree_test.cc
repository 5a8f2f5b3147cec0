#include "counters/cgroup_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;

std::vector<std::string> paths(const CgroupTree& tree) {
  std::vector<std::string> all;
  for (const CgroupId& id : tree.cgroups) all.push_back(id.path);
  return all;
}

class CgroupTreeTest : public testing::Test {
 protected:
  CgroupTree scan(ScanLimits limits = {}) {
    watch_.begin_round();
    auto tree = scan_cgroups(files_.root(), watch_, limits, list_);
    watch_.end_round();
    EXPECT_TRUE(tree);
    return *tree;
  }

  FileTree files_{{"b/x/y/", ""}, {"a/cpu.stat", ""}, {"cpu.stat", ""}};
  DirectoryWatch watch_;
  // Where listing fails, and how: root may list everything.
  std::pair<std::string, int> fault_;
  Lister list_ =
      [this](const std::string& path) -> Result<std::vector<std::string>> {
    const auto& [where, code] = fault_;
    if (code != 0 && path == files_.root() + where) {
      return fail(code, "open " + path);
    }
    return list_directories(path);
  };
};

TEST_F(CgroupTreeTest, FindsEveryCgroupButTheRootParentsFirst) {
  EXPECT_THAT(paths(scan()), ElementsAre("/a", "/b", "/b/x", "/b/x/y"));
}

TEST_F(CgroupTreeTest, AReusedPathIsAnotherCgroup) {
  const CgroupId before = scan().cgroups[0];
  files_.rename("a", "elsewhere");
  files_.write("a/", "");
  const CgroupId after = scan().cgroups[0];
  EXPECT_EQ(before.path, after.path);
  EXPECT_FALSE(before == after);
}

TEST_F(CgroupTreeTest, WhatIsBeyondTheBoundsIsSaidToBeMissing) {
  EXPECT_FALSE(scan().too_deep);
  EXPECT_FALSE(scan().too_many);
  const CgroupTree shallow = scan({.depth = 2});
  EXPECT_TRUE(shallow.too_deep);
  EXPECT_FALSE(shallow.too_many);
  EXPECT_THAT(paths(shallow), ElementsAre("/a", "/b", "/b/x"));
  EXPECT_TRUE(scan({.cgroups = 2}).too_many);
  EXPECT_FALSE(scan({.cgroups = 2}).too_deep);
  EXPECT_FALSE(scan({.cgroups = 4}).too_many);
}

TEST_F(CgroupTreeTest, WhatMayNotBeListedHidesOnlyWhatIsBelow) {
  fault_ = {"/b", EACCES};
  const CgroupTree tree = scan();
  EXPECT_THAT(paths(tree), ElementsAre("/a", "/b"));
  ASSERT_EQ(tree.unreadable.size(), 1U);
  EXPECT_EQ(tree.unreadable[0].code, EACCES);
  fault_ = {"/b", ENOENT};  // gone is not unreadable
  EXPECT_TRUE(scan().unreadable.empty());
}

TEST_F(CgroupTreeTest, WhatPassesOrHidesTheRootFailsTheScan) {
  for (const int code : {EMFILE, ENFILE, ENOMEM, EIO}) {
    fault_ = {"/b/x", code};
    const auto tree = scan_cgroups(files_.root(), watch_, {}, list_);
    ASSERT_FALSE(tree) << code;
    EXPECT_EQ(tree.error().code, code);
  }
  fault_ = {"", EACCES};
  EXPECT_FALSE(scan_cgroups(files_.root(), watch_, {}, list_));
}

TEST_F(CgroupTreeTest, AMissingRootIsAnErrorNotAnEmptyTree) {
  EXPECT_EQ(scan_cgroups("/nonexistent", watch_).error().code, ENOENT);
}

TEST_F(CgroupTreeTest, IsWatchedDownToTheLeaves) {
  EXPECT_TRUE(watch_.changed());  // before the first round
  scan();
  EXPECT_FALSE(watch_.changed());
  files_.write("b/x/y/z/", "");
  EXPECT_TRUE(watch_.changed());
  EXPECT_FALSE(watch_.changed());
}

TEST_F(CgroupTreeTest, RemovalAndRenamingAreChanges) {
  scan();
  watch_.changed();
  files_.remove("b/x/y");
  EXPECT_TRUE(watch_.changed());
  scan();
  watch_.changed();
  files_.rename("a", "c");
  EXPECT_TRUE(watch_.changed());
}

TEST_F(CgroupTreeTest, FilesAreNoChange) {
  scan();
  watch_.changed();
  files_.write("a/new-file", "1");
  files_.write("a/cpu.stat", "1");
  EXPECT_FALSE(watch_.changed());
}

TEST_F(CgroupTreeTest, VanishedDirectoriesAreNoLongerWatched) {
  scan();
  EXPECT_EQ(watch_.size(), 5U);
  files_.remove("b");
  scan();
  EXPECT_EQ(watch_.size(), 2U);
}

TEST_F(CgroupTreeTest, AFloodOfChangesIsAChange) {
  scan();
  watch_.changed();
  for (int i = 0; i < 600; ++i) {
    const std::string name = "flood-" + std::to_string(i) + "/";
    files_.write(name, "");
  }
  EXPECT_TRUE(watch_.changed());
  EXPECT_FALSE(watch_.changed());
}

}  // namespace
}  // namespace cpi
