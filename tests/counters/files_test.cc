#include "counters/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>

#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

bool is_cloexec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

TEST(FilesTest, DescriptorsAreCloseOnExecAndOutOfTheReachOfSelect) {
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  FileTree tree({{"a", "1"}});
  const UniqueFd fd = move_high(*open_to_read(tree.path("a")));
  EXPECT_TRUE(is_cloexec(fd.get()));
  EXPECT_GE(fd.get(), limit.rlim_cur > 1024 ? 1024 : 0);
}

TEST(FilesTest, ALowDescriptorStaysWhereTheLimitForbidsHighOnes) {
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit low = {512, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  FileTree tree({{"a", "1"}});
  const UniqueFd fd = move_high(*open_to_read(tree.path("a")));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_GE(fd.get(), 0);
  EXPECT_LT(fd.get(), 512);
  EXPECT_TRUE(is_cloexec(fd.get()));
}

TEST(FilesTest, AMissingFileIsAnErrorThatNamesIt) {
  const auto text = read_file("/nonexistent/file");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ENOENT);
  EXPECT_EQ(text.error().what, "open /nonexistent/file");
}

TEST(FilesTest, ReadsFilesLongerThanOneBuffer) {
  const std::string content(10000, 'x');
  FileTree tree({{"long", content}});
  EXPECT_EQ(read_file(tree.path("long")), content);
}

TEST(FilesTest, ListsDirectoriesOnly) {
  FileTree tree({{"b/file", ""}, {"a/", ""}, {"plain", ""}});
  EXPECT_THAT(*list_directories(tree.root()), UnorderedElementsAre("a", "b"));
  EXPECT_EQ(list_directories(tree.path("plain")).error().code, ENOTDIR);
}

TEST(FilesTest, AKeptFileShowsWhatTheFileHoldsNow) {
  FileTree tree({{"stat", "1\n"}});
  const auto file = KeptFile::open(tree.path("stat"));
  ASSERT_TRUE(file);
  KeptFile::Buffer buffer;
  EXPECT_EQ(file->read(buffer), "1\n");
  tree.write("stat", "2\n");
  EXPECT_EQ(file->read(buffer), "2\n");
}

TEST(FilesTest, AKeptFileThatCannotBeReadGivesErrno) {
  FileTree tree({{"dir/", ""}});
  const auto directory = KeptFile::open(tree.path("dir"));
  ASSERT_TRUE(directory);
  KeptFile::Buffer buffer;
  EXPECT_EQ(directory->read(buffer).error(), EISDIR);
}

TEST(FilesTest, LinesComeWithoutTheirNewlines) {
  std::vector<std::string> lines;
  for_each_line("a\n\nlast",
                [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_THAT(lines, ElementsAre("a", "", "last"));
}

TEST(FilesTest, ANumberIsTheWholeTextOrNone) {
  EXPECT_EQ(parse_number(" 12\n"), 12U);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_number("12x"), std::nullopt);
  EXPECT_EQ(parse_number("-1"), std::nullopt);
  EXPECT_EQ(parse_number(""), std::nullopt);
}

TEST(FilesTest, FindsANumberByItsWholeKey) {
  const char* stat = "nr_throttled 3\nthrottled_usec 44\nusage_usec 55\n";
  EXPECT_EQ(find_number(stat, "throttled_usec"), 44U);
  EXPECT_EQ(find_number(stat, "usage_usec"), 55U);
  EXPECT_EQ(find_number(stat, "usec"), std::nullopt);
  EXPECT_EQ(find_number(stat, "throttled"), std::nullopt);
  EXPECT_EQ(find_number("123456\n", ""), 123456U);
  EXPECT_EQ(find_number("", ""), std::nullopt);
}

TEST(FilesTest, FindsThePressureOfSomeNotOfFull) {
  const char* pressure =
      "some avg10=0.19 avg60=0.51 avg300=0.60 total=6511903\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=17\n";
  EXPECT_EQ(find_pressure(pressure, "some"), 6511903U);
  EXPECT_EQ(find_pressure(pressure, "full"), 17U);
  EXPECT_EQ(find_pressure("full total=17\n", "some"), std::nullopt);
  EXPECT_EQ(find_pressure("some avg10=0.19\n", "some"), std::nullopt);
}

}  // namespace
}  // namespace cpi
