#include "counters/main_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(PodOfTest, FindsThePodInEitherSpelling) {
  const std::string uid = "4f5e3b2a-0c1d-4e5f-8a9b-0123456789ab";
  const std::string plain = "/kubepods/burstable/pod" + uid;
  EXPECT_EQ(pod_of(plain + "/4f5e3b"), plain);
  EXPECT_EQ(pod_of(plain), plain);
  const std::string slice =
      "/kubepods.slice/kubepods-burstable.slice/"
      "kubepods-burstable-pod4f5e3b2a_0c1d_4e5f_8a9b_0123456789ab.slice";
  EXPECT_EQ(pod_of(slice + "/cri-containerd-4f5e.scope"), slice);
}

TEST(PodOfTest, OtherPathsHaveNone) {
  for (const char* path :
       {"", "/", "/system.slice/podman.service", "/kubepods/burstable",
        "/machine.slice/libpod-"
        "4f5e3b2a0c1d4e5f8a9b0123456789ab4f5e3b2a0c1d4e5f8a9b0123456789ab."
        "scope",
        "/pods/web", "/tripod4f5e3b2a0c1d4e5f8a9b0123456789abcdef"}) {
    EXPECT_EQ(pod_of(path), "") << path;
  }
}

std::string stat_of(const std::string& name, char state, int ticks) {
  return "1 (" + name + ") " + state +
         " 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 " +
         std::to_string(ticks) + " 1000 100\n";
}

TEST(ReadProcessTest, KnowsTheStartWhateverTheNameHolds) {
  const FileTree proc({{"1/stat", stat_of("a) R 1 (b", 'S', 250)},
                       {"2/stat", stat_of("gone", 'Z', 250)},
                       {"3/stat", "no stat"},
                       {"4/stat", "4 (x) S 1"}});
  const auto process = read_process(proc.root(), 1);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->pid, 1);
  EXPECT_EQ(process->started, std::chrono::milliseconds(2500));
  for (const int pid : {2, 3, 4, 5}) {
    EXPECT_EQ(read_process(proc.root(), pid), std::nullopt) << pid;
  }
}

TEST(FindMainsTest, TheOldestOfEachContainer) {
  const FileTree root({{"proc/10/stat", stat_of("main", 'S', 100)},
                       {"proc/11/stat", stat_of("worker", 'S', 101)},
                       {"proc/20/stat", stat_of("other", 'S', 90)},
                       {"pod/a/cgroup.procs", "11\n10\n"},
                       {"pod/b/cgroup.procs", ""},
                       {"pod/b/inner/cgroup.procs", "20\n99\n"},
                       {"pod/c/cgroup.procs", ""},
                       {"pod/cgroup.procs", ""}});
  const auto pids = [&](bool pod) {
    std::vector<int> all;
    for (const auto& main :
         find_mains(root.path("proc"), root.path("pod"), pod)) {
      all.push_back(main.pid);
    }
    return all;
  };
  EXPECT_THAT(pids(true), UnorderedElementsAre(10, 20));
  EXPECT_THAT(pids(false), ElementsAre(20));
  EXPECT_THAT(find_mains(root.path("proc"), root.path("nothing"), false),
              IsEmpty());
}

TEST(ProcessWatchTest, NoticesTheEndOfARealProcess) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  ProcessWatch watch;
  EXPECT_TRUE(watch.ended());  // nothing is watched: look yourself
  watch.watch({{child, {}}});
  EXPECT_FALSE(watch.ended());
  ::kill(child, SIGKILL);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  EXPECT_TRUE(watch.ended());
  ::waitpid(child, nullptr, 0);
  watch.watch({{child, {}}});
  EXPECT_TRUE(watch.ended());
}

}  // namespace
}  // namespace cpi
