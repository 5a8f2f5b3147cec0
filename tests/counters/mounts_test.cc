#include "counters/mounts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace cpi {
namespace {

TEST(MountsTest, EachHierarchyOfThisHostIsListedOnceAndExists) {
  const auto mounts = find_mounts("/proc");
  if (!mounts) GTEST_SKIP() << mounts.error().message();
  std::set<std::string> paths;
  std::set<std::string> controllers;
  for (const Mount& mount : *mounts) {
    EXPECT_TRUE(paths.insert(mount.path).second) << mount.path;
    EXPECT_TRUE(std::filesystem::is_directory(mount.path)) << mount.path;
    const bool looks_unified =
        std::filesystem::exists(mount.path + "/cgroup.controllers");
    EXPECT_EQ(mount.unified, looks_unified) << mount.path;
    for (const std::string& controller : mount.controllers) {
      EXPECT_TRUE(controllers.insert(controller).second) << controller;
    }
  }
}

TEST(MountsTest, AUnifiedHierarchyIsAtMostOne) {
  const auto mounts = find_mounts("/proc");
  if (!mounts) GTEST_SKIP() << mounts.error().message();
  EXPECT_LE(std::count_if(mounts->begin(), mounts->end(),
                          [](const Mount& mount) { return mount.unified; }),
            1);
}

}  // namespace
}  // namespace cpi
