#include "store/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <string>

#include "support/temporary_directory.h"

namespace cpi {
namespace {

TEST(AtomicFileTest, WhatIsWrittenIsReadBack) {
  const TemporaryDirectory directory;
  const std::string text(100'000, 'x');
  ASSERT_TRUE(write_atomically(directory / "a", text));
  EXPECT_EQ(read_file(directory / "a").value(), text);
}

TEST(AtomicFileTest, MakesMissingDirectories) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "b/c/a", "1"));
  EXPECT_EQ(read_file(directory / "b/c/a").value(), "1");
}

TEST(AtomicFileTest, ReplacesAndLeavesNothingBehind) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a", "a longer first text"));
  ASSERT_TRUE(write_atomically(directory / "a", "2"));
  EXPECT_EQ(read_file(directory / "a").value(), "2");
  const std::filesystem::directory_iterator entries(directory.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(AtomicFileTest, RemovesWhatAnInterruptedWriteLeftAndNothingElse) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a.new.a1B2c3", "half a te"));
  ASSERT_TRUE(write_atomically(directory / "a.new.model", "another's"));
  ASSERT_TRUE(write_atomically(directory / "b.new.a1B2c3", "another's"));
  ASSERT_TRUE(write_atomically(directory / "a", "2"));
  EXPECT_EQ(read_file(directory / "a").value(), "2");
  EXPECT_FALSE(std::filesystem::exists(directory / "a.new.a1B2c3"));
  EXPECT_TRUE(std::filesystem::exists(directory / "a.new.model"));
  EXPECT_TRUE(std::filesystem::exists(directory / "b.new.a1B2c3"));
}

TEST(AtomicFileTest, EveryoneMayReadWhatWasWritten) {
  const TemporaryDirectory directory;
  const mode_t before = ::umask(077);
  const auto written = write_atomically(directory / "a", "1");
  ::umask(before);
  ASSERT_TRUE(written);
  struct stat info {};
  ASSERT_EQ(::stat((directory / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
}

TEST(AtomicFileTest, FollowsNoLinkThatWasPlanted) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "victim", "precious"));
  for (const char* name : {"a", "a.new", "a.1", "a.1.new"}) {
    std::filesystem::create_symlink(directory / "victim", directory / name);
  }
  ASSERT_TRUE(write_keeping_previous(directory / "a", "1"));
  ASSERT_TRUE(write_keeping_previous(directory / "a", "2"));
  EXPECT_EQ(read_file(directory / "victim").value(), "precious");
  EXPECT_EQ(read_file(directory / "a").value(), "2");
  EXPECT_TRUE(std::filesystem::is_regular_file(
      std::filesystem::symlink_status(directory / "a")));
}

TEST(AtomicFileTest, WaitsForNoPipeThatWasPlanted) {
  const TemporaryDirectory directory;
  for (const char* name : {"a", "a.new", "a.1", "a.1.new"}) {
    ASSERT_EQ(::mkfifo((directory / name).c_str(), 0600), 0);
  }
  ASSERT_TRUE(write_keeping_previous(directory / "a", "1"));
  EXPECT_EQ(read_file(directory / "a").value(), "1");
}

TEST(AtomicFileTest, AFailedReplacementNamesPathAndReason) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "file", ""));
  const auto under_file = write_atomically(directory / "file/a", "1");
  ASSERT_FALSE(under_file);
  EXPECT_EQ(under_file.error().code, ENOTDIR);
  EXPECT_NE(under_file.error().what.find(directory / "file"),
            std::string::npos);
}

TEST(AtomicFileTest, AFailedRenameRemovesTheTemporaryFile) {
  const TemporaryDirectory directory;
  // A directory in the way of the rename.
  ASSERT_TRUE(write_atomically(directory / "a/b", "1"));
  const auto failed = write_atomically(directory / "a", "2");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what.rfind("rename ", 0), 0u);
  const std::filesystem::directory_iterator entries(directory.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(AtomicFileTest, ATemporaryFileThatCannotBeMadeIsAnError) {
  const TemporaryDirectory directory;
  const auto failed =
      write_atomically(directory / std::string(NAME_MAX, 'a'), "1");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ENAMETOOLONG);
}

TEST(AtomicFileTest, AFullDiskLeavesTheOldFileAlone) {
  // A limit on file size fails a write half way, as a full disk does.
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a", "1"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto failed = write_atomically(directory / "a", std::string(8192, '2'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, EFBIG);
  EXPECT_EQ(read_file(directory / "a").value(), "1");
  const std::filesystem::directory_iterator entries(directory.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(ReadFileTest, AMissingFileIsAnErrorWithItsPath) {
  const auto missing = read_file("/nonexistent/a");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_EQ(missing.error().what, "open /nonexistent/a");
}

TEST(ReadFileTest, WaitsForNoPipe) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "a").c_str(), 0600), 0);
  const auto pipe = read_file(directory / "a");
  ASSERT_FALSE(pipe);
  EXPECT_EQ(pipe.error().what, (directory / "a") + " is a pipe, not a file");
}

TEST(ReadFileTest, ADirectoryIsAnError) {
  EXPECT_EQ(read_file("/").error().code, EISDIR);
}

TEST(ReadFileTest, RefusesWhatIsTooLarge) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a", std::string(101, 'x')));
  EXPECT_EQ(read_file(directory / "a", 100).error().code, EFBIG);
  EXPECT_TRUE(read_file(directory / "a", 101));
}

}  // namespace
}  // namespace cpi
