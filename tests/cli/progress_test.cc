#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <functional>
#include <string>

namespace cpi {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

// What `work` writes to a terminal that is standard error meanwhile.
std::string on_a_terminal(const std::function<void()>& work) {
  int master = -1;
  int slave = -1;
  if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) return "?";
  const int before = ::dup(STDERR_FILENO);
  ::dup2(slave, STDERR_FILENO);
  work();
  std::fprintf(stderr, ".");  // so that there is something to read
  std::fflush(stderr);
  ::dup2(before, STDERR_FILENO);
  char text[512];
  const ssize_t size = ::read(master, text, sizeof text);
  for (const int fd : {master, slave, before}) ::close(fd);
  return {text, static_cast<std::size_t>(size > 0 ? size : 0)};
}

TEST(ProgressTest, ShortWorkShowsNothing) {
  EXPECT_EQ(on_a_terminal([] { Progress("train").show(0.5); }), ".");
}

TEST(ProgressTest, WorkOfMoreThanTwoSecondsShowsABarAndClearsIt) {
  const std::string shown = on_a_terminal([] {
    Progress progress("train", steady_clock::now() - Progress::kPatience);
    progress.show(0.5);
  });
  EXPECT_THAT(shown,
              HasSubstr("\rtrain [###############...............] 50 %"));
  EXPECT_THAT(shown, testing::EndsWith("\r\x1b[K."));
}

TEST(ProgressTest, WhereThereIsNoTerminalEveryTenthIsALine) {
  testing::internal::CaptureStderr();
  {
    Progress progress("train", steady_clock::now() - Progress::kPatience);
    for (const double share : {0.05, 0.12, 0.15, 0.5}) progress.show(share);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "train: 10 %\ntrain: 50 %\n");
}

}  // namespace
}  // namespace cpi
