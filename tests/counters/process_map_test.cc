#include "counters/process_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::HasSubstr;

TEST(PathTest, WithinIsByComponents) {
  EXPECT_TRUE(is_within("/a/b", "/a"));
  EXPECT_TRUE(is_within("/a", "/a"));
  EXPECT_TRUE(is_within("/a", "/"));
  EXPECT_FALSE(is_within("/ab", "/a"));
  EXPECT_FALSE(is_within("/a", "/a/b"));
}

TEST(PathTest, CommonAncestorIsByComponents) {
  EXPECT_EQ(common_ancestor("/a/b/c", "/a/b/d"), "/a/b");
  EXPECT_EQ(common_ancestor("/a/b", "/a/bc"), "/a");
  EXPECT_EQ(common_ancestor("/a", "/b"), "/");
  EXPECT_EQ(common_ancestor("/a/b", "/a"), "/a");
  EXPECT_EQ(common_ancestor("/a", "/a/b"), "/a");
  EXPECT_EQ(common_ancestor("odd", "/a"), "/");
}

TEST(FindCgroupTest, PicksTheLineOfTheHierarchy) {
  const char* text = "12:cpu,cpuacct:/both\n3:memory:/mem\n0::/uni/x\n";
  EXPECT_EQ(find_cgroup(text, {"/c", false, "cpuacct"}), "/both");
  EXPECT_EQ(find_cgroup(text, {"/c", false, "cpu"}), "/both");
  EXPECT_EQ(find_cgroup(text, {"/c", false, "acct"}), "");
  EXPECT_EQ(find_cgroup(text, {"/c", true, ""}), "/uni/x");
  EXPECT_EQ(find_cgroup("garbage\n1:cpu\n", {"/c", false, "cpu"}), "");
}

// A host with the cpu hierarchy on v1 and another one beside it.
class ProcessMapTest : public testing::Test {
 protected:
  // A process with its place in both.
  void process(int pid, const std::string& cpu, const std::string& other) {
    tree_.write("proc/" + std::to_string(pid) + "/cgroup",
                "4:cpu:" + cpu + "\n0::" + other + "\n");
    procs_[tree_.path("cpu") + cpu] += std::to_string(pid) + "\n";
    procs_[tree_.path("uni") + other] += std::to_string(pid) + "\n";
    for (const auto& [directory, pids] : procs_) {
      const std::string relative = directory.substr(tree_.root().size() + 1);
      tree_.write(relative + "/cgroup.procs", pids);
    }
  }

  Result<Mapped> map(const std::string& path) {
    const Hierarchy cpu = {tree_.path("cpu"), false, "cpu"};
    const Hierarchy other = {tree_.path("uni"), true, ""};
    return ProcessMap(tree_.path("proc"), cpu).map(path, other);
  }

  FileTree tree_{{"cpu/", ""}, {"uni/", ""}, {"proc/", ""}};
  std::map<std::string, std::string> procs_;
};

TEST_F(ProcessMapTest, FollowsTheProcessesNotThePath) {
  tree_.write("uni/svc/", "");  // of the same path, but empty
  process(7, "/svc", "/pods/a");
  const auto mapped = map("/svc");
  ASSERT_TRUE(mapped) << mapped.error().message();
  EXPECT_EQ(mapped->path, "/pods/a");
  EXPECT_TRUE(mapped->by_processes);
}

TEST_F(ProcessMapTest, DescendantsCountToo) {
  process(7, "/svc/worker/1", "/pods/a/x");
  process(8, "/svc/main", "/pods/a/y");
  EXPECT_EQ(map("/svc")->path, "/pods/a");
}

TEST_F(ProcessMapTest, ACommonAncestorWithOthersProcessesIsRefused) {
  process(7, "/svc", "/pods/a");
  process(8, "/svc", "/pods/b");
  process(9, "/other", "/pods/c");
  EXPECT_THAT(map("/svc").error().what, HasSubstr("/pods in"));
}

TEST_F(ProcessMapTest, ACgroupSharedWithOthersIsRefused) {
  process(7, "/svc", "/shared");
  process(8, "/other", "/shared");
  EXPECT_THAT(map("/svc").error().what, HasSubstr("others' processes"));
}

TEST_F(ProcessMapTest, AProcessForkedMeanwhileIsNoStranger) {
  process(7, "/svc", "/pods/a");
  process(8, "/svc/child", "/pods/a");
  tree_.write("cpu/svc/child/cgroup.procs", "");  // listed too early
  EXPECT_TRUE(map("/svc"));
}

TEST_F(ProcessMapTest, ProcessesInTheRootAreAReason) {
  process(7, "/svc", "/");
  EXPECT_THAT(map("/svc").error().what, HasSubstr("in the root of"));
  process(8, "/two", "/a");
  process(9, "/two", "/b");
  EXPECT_FALSE(map("/two"));
}

TEST_F(ProcessMapTest, OutsideOfOurCgroupNamespaceIsAReason) {
  process(7, "/svc", "/../outside");
  EXPECT_FALSE(map("/svc"));
}

TEST_F(ProcessMapTest, WithoutProcessesTheEqualPathIsTakenForNow) {
  tree_.write("cpu/svc/cgroup.procs", "");
  EXPECT_EQ(map("/svc").error().code, ESRCH);
  tree_.write("uni/svc/", "");
  const auto mapped = map("/svc");
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->path, "/svc");
  EXPECT_FALSE(mapped->by_processes);
}

TEST_F(ProcessMapTest, ProcessesThatEndedOrAreHiddenDoNotMatter) {
  process(7, "/svc", "/pods/a");
  tree_.write("cpu/svc/cgroup.procs", "0\n7\n99\n");  // 99 is no more
  EXPECT_EQ(map("/svc")->path, "/pods/a");
}

TEST_F(ProcessMapTest, TheSameHierarchyNeedsNoProcesses) {
  const Hierarchy cpu = {tree_.path("cpu"), false, "cpu"};
  const auto mapped = ProcessMap(tree_.path("proc"), cpu).map("/x", cpu);
  EXPECT_EQ(mapped->path, "/x");
  EXPECT_TRUE(mapped->by_processes);
}

}  // namespace
}  // namespace cpi
