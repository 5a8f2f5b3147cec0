#include "counters/run_queue_delay.h"

#include <gtest/gtest.h>

#include "support/file_tree.h"

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RunQueueDelayTest : public testing::Test {
 protected:
  void thread(int tid, Duration delay) {
    const std::string id = std::to_string(tid);
    tree_.write("proc/" + id + "/task/" + id + "/schedstat",
                "123 " + std::to_string(delay.count()) + " 9\n");
  }
  void tasks(const std::string& tids) { tree_.write("svc/tasks", tids); }

  // A second later each time.
  std::optional<Duration> read() {
    now_ += seconds(1);
    return delay_.read(tree_.path("svc"), "tasks", now_);
  }

  FileTree tree_{{"proc/self/schedstat", "1 2 3\n"}, {"svc/tasks", ""}};
  RunQueueDelay delay_{tree_.path("proc")};
  Instant now_{seconds(100)};
};

TEST_F(RunQueueDelayTest, IsWhatItsThreadsGained) {
  thread(1, seconds(50));
  thread(2, seconds(60));
  tasks("1\n2\n");
  EXPECT_EQ(read(), seconds(0));
  thread(1, seconds(50) + milliseconds(200));
  thread(2, seconds(60) + milliseconds(300));
  EXPECT_EQ(read(), milliseconds(500));
}

TEST_F(RunQueueDelayTest, ThreadsOfDescendantsCount) {
  tree_.write("svc/a/b/tasks", "3\n");
  thread(3, seconds(0));
  read();
  thread(3, milliseconds(10));
  EXPECT_EQ(read(), milliseconds(10));
}

TEST_F(RunQueueDelayTest, NeverRunsBackwardsWhenThreadsEnd) {
  thread(1, seconds(1));
  thread(2, seconds(1));
  tasks("1\n2\n");
  read();
  thread(1, milliseconds(1100));
  thread(2, milliseconds(1200));
  EXPECT_EQ(read(), milliseconds(300));
  tasks("1\n");
  EXPECT_EQ(read(), milliseconds(300));
}

TEST_F(RunQueueDelayTest, AThreadBornInTheWindowCountsFromItsBirth) {
  read();
  thread(5, milliseconds(40));
  tasks("5\n");
  EXPECT_EQ(read(), milliseconds(40));
}

TEST_F(RunQueueDelayTest, AThreadThatMovedInDoesNotBringItsPast) {
  read();
  thread(5, seconds(3600));
  tasks("5\n");
  EXPECT_LE(read(), seconds(1));
}

TEST_F(RunQueueDelayTest, AReusedNumberIsAnotherThread) {
  thread(1, seconds(9));
  tasks("1\n");
  read();
  thread(1, milliseconds(70));
  EXPECT_EQ(read(), milliseconds(70));
}

TEST_F(RunQueueDelayTest, AThreadThatEndedBeforeItWasReadIsSkipped) {
  tasks("1\n0\n");
  EXPECT_EQ(read(), seconds(0));
}

TEST_F(RunQueueDelayTest, NonsenseIsNotAdded) {
  tree_.write("proc/1/task/1/schedstat", "1");
  tree_.write("proc/2/task/2/schedstat", "1 x 2");
  tasks("1\n2\n");
  EXPECT_EQ(read(), seconds(0));
}

TEST_F(RunQueueDelayTest, AKernelWithoutSchedstatHasNoDelayNotZero) {
  tree_.remove("proc/self/schedstat");
  EXPECT_EQ(read(), std::nullopt);
  EXPECT_EQ(read(), std::nullopt);
}

}  // namespace
}  // namespace cpi
