#include "store/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
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

TEST(AtomicFileTest, OverwritesWhatAnInterruptedWriteLeft) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a.new", "half a te"));
  ASSERT_TRUE(write_atomically(directory / "a", "2"));
  EXPECT_EQ(read_file(directory / "a").value(), "2");
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
  EXPECT_FALSE(std::filesystem::exists(directory / "a.new"));
}

TEST(AtomicFileTest, ATemporaryFileThatCannotBeMadeIsAnError) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a.new/b", "1"));
  const auto failed = write_atomically(directory / "a", "2");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, EISDIR);
}

TEST(AtomicFileTest, AFullDiskLeavesTheOldFileAlone) {
  // /dev/full takes no byte: a file that cannot be written for want of room.
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_atomically(directory / "a", "1"));
  std::filesystem::create_symlink("/dev/full", directory / "a.new");
  const auto failed = write_atomically(directory / "a", "2");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ENOSPC);
  EXPECT_EQ(read_file(directory / "a").value(), "1");
}

TEST(ReadFileTest, AMissingFileIsAnErrorWithItsPath) {
  const auto missing = read_file("/nonexistent/a");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_EQ(missing.error().what, "open /nonexistent/a");
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
