#include "counters/resources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "support/file_tree.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kPod[] =
    "/kubepods/burstable/pod4f5e3b2a-0c1d-4e5f-8a9b-0123456789ab";

std::string stat_of(int ticks) {
  return "1 (main) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 " +
         std::to_string(ticks) + " 1000 100\n";
}

std::string memory_events(int kills) {
  return "low 0\nhigh 0\nmax 9\noom 3\noom_kill " + std::to_string(kills) +
         "\noom_group_kill 0\n";
}

class ResourcesTest : public testing::Test {
 protected:
  void start(std::vector<Mount> mounts) {
    auto resources = Resources::create(
        {tree_.path("proc"), std::move(mounts)},
        [this](Severity, const std::string& line) { log_.push_back(line); });
    ASSERT_TRUE(resources) << resources.error().message();
    resources_.emplace(*std::move(resources));
  }
  void start_v2() { start({{tree_.path("cg"), true, {"cpu", "memory"}}}); }

  // A cgroup of a pure v2 host, watched as a replica of "web".
  void cgroup(const std::string& path, int memory, const std::string& limit,
              int inactive = 0) {
    use(path, memory);
    tree_.write("cg" + path + "/memory.max", limit + "\n");
    tree_.write("cg" + path + "/memory.stat",
                "anon 1\ninactive_file " + std::to_string(inactive) + "\n");
    tree_.write("cg" + path + "/memory.events", memory_events(0));
    tree_.write("cg" + path + "/cgroup.procs", "");
  }
  void use(const std::string& path, int memory) {
    tree_.write("cg" + path + "/memory.current", std::to_string(memory) + "\n");
  }
  void watch(const std::string& path, const std::string& root = "cg") {
    struct stat status = {};
    ASSERT_EQ(::stat(tree_.path(root + path).c_str(), &status), 0);
    WorkloadReading one{"web", {}};
    one.reading.cgroup = {status.st_dev, status.st_ino, path};
    services_.push_back(std::move(one));
  }
  // The kernel killed somebody on this host.
  void host_kills(int kills) {
    tree_.write("proc/vmstat",
                "nr_free_pages 5\noom_kill " + std::to_string(kills) + "\n");
  }

  const ResourceReadings& read(Duration after = seconds(1)) {
    now_ += after;
    return resources_->read(services_, now_);
  }

  FileTree tree_{{"proc/meminfo", "MemTotal:       2048 kB\nMemFree: 1 kB\n"},
                 {"proc/vmstat", "nr_free_pages 5\noom_kill 7\n"},
                 {"cg/", ""}};
  Instant now_{seconds(1000)};
  std::vector<WorkloadReading> services_;
  std::vector<std::string> log_;
  std::optional<Resources> resources_;
};

TEST_F(ResourcesTest, TheWorkingSetLeavesOutWhatCanBeDropped) {
  cgroup("/web", 1000, "max", 300);
  watch("/web");
  start_v2();
  const ResourceReadings& readings = read();
  EXPECT_EQ(readings.host_memory, 2048U * 1024);
  ASSERT_THAT(readings.replicas, SizeIs(1));
  const ResourceReading& web = readings.replicas[0];
  EXPECT_EQ(web.service, "web");
  EXPECT_EQ(web.unit, "/web");
  EXPECT_EQ(web.memory, 700U);
  EXPECT_EQ(web.memory_limit, std::nullopt);
  EXPECT_THAT(web.mains, IsEmpty());
}

TEST_F(ResourcesTest, TheLowestLimitOfItsAncestorsCounts) {
  cgroup("/slice", 1, "5000");
  cgroup("/slice/web", 1, "9000");
  watch("/slice/web");
  start_v2();
  EXPECT_EQ(read().replicas[0].memory_limit, 5000U);
  tree_.write("cg/slice/web/memory.max", "4000\n");
  EXPECT_EQ(read().replicas[0].memory_limit, 5000U);  // it is not its time
  EXPECT_EQ(read(Resources::kLookAgain).replicas[0].memory_limit, 4000U);
}

TEST_F(ResourcesTest, KillsAreReadWhenTheHostsOwnCountChanges) {
  cgroup("/web", 1, "max");
  watch("/web");
  start_v2();
  EXPECT_EQ(read().replicas[0].oom_kills, 0U);
  (void)read();  // what the first tick may have missed
  tree_.write("cg/web/memory.events", memory_events(2));
  EXPECT_EQ(read().replicas[0].oom_kills, 0U);
  host_kills(8);
  EXPECT_EQ(read().replicas[0].oom_kills, 2U);
}

// The kernel counts for the host first, so that a collection may come between.
TEST_F(ResourcesTest, AKillCountedLateIsSeenOneTickLater) {
  cgroup("/web", 1, "max");
  watch("/web");
  start_v2();
  (void)read();
  (void)read();
  host_kills(8);
  EXPECT_EQ(read().replicas[0].oom_kills, 0U);
  tree_.write("cg/web/memory.events", memory_events(1));
  EXPECT_EQ(read().replicas[0].oom_kills, 1U);
}

TEST_F(ResourcesTest, ContainersOfAPodShareItsKillsAndItsProcesses) {
  const std::string pod = kPod;
  cgroup(pod, 1, "max");
  cgroup(pod + "/a", 10, "max");
  cgroup(pod + "/b", 20, "max");
  tree_.write("cg" + pod + "/memory.events", memory_events(4));
  tree_.write("cg" + pod + "/a/cgroup.procs", "10\n");
  tree_.write("cg" + pod + "/b/cgroup.procs", "20\n");
  tree_.write("proc/10/stat", stat_of(100));
  tree_.write("proc/20/stat", stat_of(200));
  watch(pod + "/a");
  watch(pod + "/b");
  start_v2();
  const auto& replicas = read().replicas;
  ASSERT_THAT(replicas, SizeIs(2));
  EXPECT_EQ(replicas[0].memory, 10U);
  EXPECT_EQ(replicas[1].memory, 20U);
  for (const ResourceReading& replica : replicas) {
    EXPECT_EQ(replica.unit, pod);
    EXPECT_EQ(replica.oom_kills, 4U);
    EXPECT_EQ(replica.oom_cgroup, replicas[0].oom_cgroup);
    EXPECT_THAT(replica.mains,
                testing::UnorderedElementsAre(MainProcess{10, seconds(1)},
                                              MainProcess{20, seconds(2)}));
  }
}

// cpu and memory mounted apart; kills are counted where the process was.
TEST_F(ResourcesTest, Version1IsReadInAHierarchyOfItsOwn) {
  tree_.write("cpu/web/cgroup.procs", "10\n");
  tree_.write("proc/10/stat", stat_of(100));
  tree_.write("proc/10/cgroup", "5:memory:/in/web\n4:cpu:/web\n0::/\n");
  const std::string web = "memory/in/web";
  tree_.write(web + "/memory.usage_in_bytes", "1000\n");
  tree_.write(web + "/memory.limit_in_bytes", "9223372036854771712\n");
  tree_.write(web + "/memory.stat",
              "inactive_file 5\ntotal_inactive_file 400\n");
  tree_.write(web + "/memory.oom_control",
              "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  tree_.write(web + "/inner/memory.oom_control", "oom_kill 2\n");
  watch("/web", "cpu");
  start({{tree_.path("cpu"), false, {"cpu"}},
         {tree_.path("memory"), false, {"memory"}}});
  const ResourceReading& reading = read().replicas[0];
  EXPECT_EQ(reading.memory, 600U);
  EXPECT_EQ(reading.memory_limit, std::nullopt);
  EXPECT_EQ(reading.oom_kills, 3U);
  EXPECT_THAT(reading.mains, ElementsAre(MainProcess{10, seconds(1)}));
}

TEST_F(ResourcesTest, MemoryIsReadInTurns) {
  const std::size_t all = Resources::kMemoryReads + 10;
  for (std::size_t i = 0; i < all; ++i) {
    const std::string path = "/web-" + std::to_string(i);
    cgroup(path, 1, "max");
    watch(path);
  }
  start_v2();
  (void)read();  // a first look reads all of them
  for (const auto& [service, reading] : services_) use(reading.cgroup.path, 2);
  const auto renewed = [this] {
    const auto& replicas = read().replicas;
    return static_cast<std::size_t>(
        std::count_if(replicas.begin(), replicas.end(),
                      [](const auto& replica) { return replica.memory == 2; }));
  };
  EXPECT_EQ(renewed(), Resources::kMemoryReads);
  EXPECT_EQ(renewed(), all);
}

TEST_F(ResourcesTest, AReplacedCgroupIsLookedAtAnew) {
  cgroup("/web", 1, "1000");
  watch("/web");
  start_v2();
  EXPECT_EQ(read().replicas[0].memory_limit, 1000U);
  tree_.rename("cg/web", "cg/old");
  cgroup("/web", 5, "2000");
  services_.clear();
  watch("/web");
  const ResourceReading& reading = read().replicas[0];
  EXPECT_EQ(reading.memory, 5U);
  EXPECT_EQ(reading.memory_limit, 2000U);
}

TEST_F(ResourcesTest, WhoeverIsGoneIsForgotten) {
  cgroup("/web", 1, "max");
  watch("/web");
  start_v2();
  (void)read();
  EXPECT_EQ(resources_->files_open(), 1U);
  services_.clear();
  EXPECT_THAT(read().replicas, IsEmpty());
  EXPECT_EQ(resources_->files_open(), 0U);
}

TEST_F(ResourcesTest, WithoutAMemoryControllerProcessesAreStillWatched) {
  tree_.write("cg/web/cgroup.procs", "10\n");
  tree_.write("proc/10/stat", stat_of(100));
  watch("/web");
  start({{tree_.path("cg"), true, {"cpu"}}});
  const ResourceReading& reading = read().replicas[0];
  EXPECT_EQ(reading.memory, std::nullopt);
  EXPECT_EQ(reading.memory_limit, std::nullopt);
  EXPECT_EQ(reading.oom_kills, std::nullopt);
  EXPECT_THAT(reading.mains, ElementsAre(MainProcess{10, seconds(1)}));
  EXPECT_THAT(log_, IsEmpty());
}

}  // namespace
}  // namespace cpi
