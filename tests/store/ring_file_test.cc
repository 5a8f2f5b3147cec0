#include "store/ring_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "support/random.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A record is a number, written seven times over so that a torn one shows.
struct Record {
  std::array<std::uint64_t, 7> copies{};
  explicit Record(std::uint64_t number = 0) { copies.fill(number); }
};

RingShape shape(std::uint32_t capacity) { return {"numbers/1", 64, capacity}; }

Bytes bytes_of(const std::vector<Record>& records) {
  return std::as_bytes(std::span(records));
}

std::vector<std::uint64_t> numbers_in(const RingRecords& records) {
  std::vector<Record> all(records.count);
  std::memcpy(all.data(), records.bytes.data(), records.bytes.size());
  std::vector<std::uint64_t> numbers;
  for (const Record& record : all) {
    for (const auto copy : record.copies) EXPECT_EQ(copy, record.copies[0]);
    numbers.push_back(record.copies[0]);
  }
  return numbers;
}

class RingFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return directory_ / "d/ring"; }
  static Result<> append(RingFile& ring, std::vector<std::uint64_t> numbers) {
    return ring.append(bytes_of({numbers.begin(), numbers.end()}));
  }
  Result<> append(std::uint32_t capacity, std::vector<std::uint64_t> numbers) {
    RingFile ring(path(), shape(capacity));
    auto done = append(ring, std::move(numbers));
    remark_ = ring.take_remark();
    return done;
  }
  [[nodiscard]] std::vector<std::uint64_t> read() const {
    const auto records = read_ring(path(), shape(1));
    EXPECT_TRUE(records) << records.error().message();
    return records ? numbers_in(*records) : std::vector<std::uint64_t>{};
  }
  void overwrite(std::streamoff place, const std::string& bytes) const {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(place);
    file << bytes;
  }
  [[nodiscard]] std::uintmax_t size() const {
    return std::filesystem::file_size(path());
  }

  TemporaryDirectory directory_;
  std::string remark_;
};

TEST_F(RingFileTest, KeepsTheNewestAndNeverGrows) {
  ASSERT_TRUE(append(4, {1, 2, 3}));
  const auto bytes = size();
  EXPECT_THAT(read(), ElementsAre(1, 2, 3));
  ASSERT_TRUE(append(4, {4, 5, 6, 7, 8, 9}));
  EXPECT_THAT(read(), ElementsAre(6, 7, 8, 9));
  EXPECT_EQ(size(), bytes);
}

TEST_F(RingFileTest, GoesOnWhereTheLastWriterEnded) {
  for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(append(4, {i}));
  EXPECT_THAT(read(), ElementsAre(7, 8, 9, 10));
  EXPECT_EQ(remark_, "");
}

TEST_F(RingFileTest, ReservesItsSpaceWhenItIsMade) {
  ASSERT_TRUE(append(1000, {1}));
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_GE(info.st_blocks * 512, 4096 + 1000 * 64);
}

TEST_F(RingFileTest, TheNewestRecordCanBeReplaced) {
  RingFile ring(path(), shape(4));
  ASSERT_TRUE(append(ring, {1, 2}));
  const std::vector<Record> three = {Record(3)};
  ASSERT_TRUE(ring.replace_newest(bytes_of(three)));
  EXPECT_THAT(read(), ElementsAre(1, 3));
}

TEST_F(RingFileTest, AnotherWritersRecordIsNotReplaced) {
  ASSERT_TRUE(append(4, {1}));
  RingFile ring(path(), shape(4));
  const std::vector<Record> two = {Record(2)};
  ASSERT_TRUE(ring.replace_newest(bytes_of(two)));
  EXPECT_THAT(read(), ElementsAre(1, 2));
}

TEST_F(RingFileTest, ATornRecordCostsItself) {
  ASSERT_TRUE(append(8, {1, 2, 3, 4}));
  overwrite(4096 + 2 * 64 + 30, "torn");
  EXPECT_THAT(read(), ElementsAre(1, 3, 4));
  EXPECT_EQ(read_ring(path(), shape(8))->damaged, 1U);
  ASSERT_TRUE(append(8, {5}));
  EXPECT_THAT(read(), ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(remark_, HasSubstr("1 damaged"));
}

TEST_F(RingFileTest, ARecordInTheWrongPlaceIsNone) {
  ASSERT_TRUE(append(8, {1, 2}));
  std::ifstream in(path(), std::ios::binary);
  std::string first(64, '\0');
  in.seekg(4096 + 64);
  in.read(first.data(), 64);
  overwrite(4096 + 5 * 64, first);
  EXPECT_THAT(read(), ElementsAre(1, 2));
}

TEST_F(RingFileTest, ATruncatedFileLosesItsEnd) {
  ASSERT_TRUE(append(8, {1, 2, 3, 4, 5}));
  std::filesystem::resize_file(path(), 4096 + 3 * 64 + 10);
  EXPECT_THAT(read(), ElementsAre(1, 2));
  ASSERT_TRUE(append(8, {6}));
  EXPECT_THAT(read(), ElementsAre(1, 2, 6));
  EXPECT_EQ(size(), 4096U + 8 * 64);
}

TEST_F(RingFileTest, AFileTruncatedWhileInUseIsMadeWhole) {
  RingFile ring(path(), shape(8));
  ASSERT_TRUE(append(ring, {1, 2}));
  std::filesystem::resize_file(path(), 0);
  ASSERT_TRUE(append(ring, {3}));
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(RingFileTest, AFileRemovedWhileInUseIsMadeAnew) {
  RingFile ring(path(), shape(8));
  ASSERT_TRUE(append(ring, {1, 2}));
  std::filesystem::remove_all(directory_ / "d");
  ASSERT_TRUE(append(ring, {3}));
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(RingFileTest, AnotherVersionsFileIsSetAsideAndSaidSo) {
  RingFile other(path(), {"numbers/2", 64, 8});
  ASSERT_TRUE(append(other, {1}));
  const auto records = read_ring(path(), shape(8));
  ASSERT_FALSE(records);
  EXPECT_THAT(records.error().message(), HasSubstr("no numbers/1"));
  EXPECT_THAT(records.error().message(), HasSubstr("numbers/2"));
  ASSERT_TRUE(append(8, {2}));
  EXPECT_THAT(read(), ElementsAre(2));
  EXPECT_THAT(remark_, HasSubstr("begun anew"));
  EXPECT_TRUE(std::filesystem::exists(path() + ".damaged"));
}

TEST_F(RingFileTest, WhatAnotherFileHoldsIsNotRepeated) {
  std::filesystem::create_directories(directory_ / "d");
  std::ofstream(path()) << "root:secret" << std::string(9000, 'x');
  EXPECT_THAT(read_ring(path(), shape(8)).error().message(),
              testing::Not(HasSubstr("secret")));
}

TEST_F(RingFileTest, AnythingElseIsNoRing) {
  std::filesystem::create_directories(directory_ / "d");
  for (const std::string& text :
       {std::string(), std::string(10'000, 'x'), std::string(10'000, '\0'),
        std::string("collectd-cpi ring numbers/1 slot 64 capacity 9"),
        "collectd-cpi ring numbers/1 slot 64 capacity -1\n" +
            std::string(8192, '\0'),
        "collectd-cpi ring numbers/1 slot 64 capacity 99999999999\n" +
            std::string(8192, '\0')}) {
    std::ofstream(path(), std::ios::binary) << text;
    EXPECT_FALSE(read_ring(path(), shape(8))) << text.substr(0, 60);
  }
}

TEST_F(RingFileTest, AnotherCapacityKeepsTheNewest) {
  ASSERT_TRUE(append(8, {1, 2, 3, 4, 5}));
  ASSERT_TRUE(append(3, {6}));
  EXPECT_THAT(read(), ElementsAre(4, 5, 6));
  ASSERT_TRUE(append(100, {7}));
  EXPECT_THAT(read(), ElementsAre(4, 5, 6, 7));
}

TEST_F(RingFileTest, NeverWritesThroughALink) {
  std::filesystem::create_directories(directory_ / "d");
  std::ofstream(directory_ / "other") << "precious";
  std::filesystem::create_symlink(directory_ / "other", path());
  RingFile ring(path(), shape(8));
  (void)append(ring, {1});
  EXPECT_EQ(std::filesystem::file_size(directory_ / "other"), 8U);
}

TEST_F(RingFileTest, AnUnreadableFileIsLeftAlone) {
  std::filesystem::create_directories(path());
  const auto done = append(8, {1});
  EXPECT_FALSE(done);
  EXPECT_TRUE(std::filesystem::is_directory(path()));
}

// A file system of its own, of 64 KiB.
class FullDiskTest : public RingFileTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(directory_ / "d");
    if (::mount("none", (directory_ / "d").c_str(), "tmpfs", 0, "size=64k") !=
        0) {
      GTEST_SKIP() << "cannot mount a small file system: "
                   << std::strerror(errno);
    }
  }
  void TearDown() override { ::umount2((directory_ / "d").c_str(), 0); }
};

TEST_F(FullDiskTest, LeavesNothingBehindAndSaysWhy) {
  const auto done = append(8000, {1});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ENOSPC);
  EXPECT_THAT(done.error().message(), HasSubstr("reserve 516096 bytes"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "d"));
}

TEST_F(FullDiskTest, ThatFillsUpLaterStopsNothing) {
  RingFile ring(path(), shape(100));
  ASSERT_TRUE(append(ring, {1}));
  std::ofstream(directory_ / "d/rest", std::ios::binary)
      << std::string(100'000, 'x');
  for (std::uint64_t i = 2; i <= 250; ++i) ASSERT_TRUE(append(ring, {i}));
  EXPECT_EQ(read().back(), 250U);
  EXPECT_EQ(read().size(), 100U);
}

// ---- kill −9

// What the child has finished, seen by the parent.
struct Progress {
  std::atomic<std::uint64_t> appended = 0;
};

[[noreturn]] void write_until_killed(const std::string& path,
                                     std::uint64_t from, Progress& progress) {
  RingFile ring(path, shape(100));
  for (std::uint64_t i = from;; ++i) {
    const std::vector<Record> one = {Record(i)};
    if (!ring.append(bytes_of(one))) ::_exit(1);
    progress.appended.store(i, std::memory_order_release);
  }
}

// Kills the child once it has appended up to a random number, and a random
// while after that.
std::uint64_t run_and_kill(const std::string& path, std::uint64_t from,
                           Random& random, Progress& progress) {
  const auto until = from + static_cast<std::uint64_t>(random.uniform(0, 30));
  volatile auto spin = static_cast<std::uint64_t>(random.uniform(0, 30'000));
  const pid_t child = ::fork();
  if (child == 0) write_until_killed(path, from, progress);
  int status = 0;
  while (progress.appended.load(std::memory_order_acquire) < until) {
    if (::waitpid(child, &status, WNOHANG) == child) return 0;
  }
  while (spin > 0) spin = spin - 1;
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return progress.appended.load(std::memory_order_acquire);
}

TEST_F(RingFileTest, KilledTwoHundredTimesItLosesNothingThatWasWritten) {
  auto* progress = static_cast<Progress*>(
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(progress, MAP_FAILED);
  Random random(1);
  std::uint64_t newest = 0;
  for (int kill = 0; kill < 200; ++kill) {
    const auto done = run_and_kill(path(), newest + 1, random, *progress);
    ASSERT_GT(done, newest);
    const auto numbers = read();
    ASSERT_FALSE(numbers.empty());
    newest = numbers.back();
    // At most the record that was under way is more than the child told of.
    ASSERT_GE(newest, done);
    ASSERT_LE(newest, done + 1);
    std::vector<std::uint64_t> expected(std::min<std::uint64_t>(newest, 100));
    std::iota(expected.begin(), expected.end(), newest + 1 - expected.size());
    // A torn record lies in the place of the oldest.
    if (numbers.size() + 1 == expected.size()) expected.erase(expected.begin());
    ASSERT_EQ(numbers, expected);
  }
  ::munmap(progress, sizeof(Progress));
}

}  // namespace
}  // namespace cpi
