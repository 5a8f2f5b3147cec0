#include "counters/directory_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/file_tree.h"

namespace cpi {
namespace {

class DirectoryWatchTest : public testing::Test {
 protected:
  DirectoryWatchTest() { round(); }

  void round() {
    watch_.begin_round();
    watch_.add(tree_.root());
    watch_.end_round();
  }

  FileTree tree_;
  DirectoryWatch watch_;
};

TEST_F(DirectoryWatchTest, IsChangedBeforeTheFirstLookAndThenStill) {
  EXPECT_TRUE(watch_.changed());
  EXPECT_FALSE(watch_.changed());
}

TEST_F(DirectoryWatchTest, SeesDirectoriesComeAndGoButNotFiles) {
  watch_.changed();
  tree_.write("web/", "");
  EXPECT_TRUE(watch_.changed());
  tree_.write("file", "x");
  EXPECT_FALSE(watch_.changed());
  tree_.remove("web");
  EXPECT_TRUE(watch_.changed());
  EXPECT_FALSE(watch_.changed());
}

TEST_F(DirectoryWatchTest, LetsGoOfWhatIsNotNamedAgain) {
  tree_.write("web/", "");
  watch_.begin_round();
  watch_.add(tree_.path("web"));
  watch_.end_round();
  watch_.changed();
  EXPECT_EQ(watch_.size(), 1U);
  tree_.write("other/", "");
  EXPECT_FALSE(watch_.changed());
}

// Lost events may have been those of directories.
TEST_F(DirectoryWatchTest, MoreEventsThanTheKernelKeepsAreAChange) {
  watch_.changed();
  std::size_t kept = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
  ASSERT_GT(kept, 0U);
  // Files alone are no change; their events fill the queue all the same.
  for (std::size_t i = 0; i <= kept; ++i) {
    std::ofstream(tree_.path("file" + std::to_string(i)));
  }
  EXPECT_TRUE(watch_.changed());
  EXPECT_FALSE(watch_.changed());
  tree_.write("web/", "");
  EXPECT_TRUE(watch_.changed());
}

}  // namespace
}  // namespace cpi
