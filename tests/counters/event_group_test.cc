#include "counters/event_group.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <span>

#include "counters/cgroup_counters.h"
#include "counters/files.h"
#include "support/fake_perf.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

using Command = PerfApi::Command;

std::vector<std::byte> bytes_of(const std::vector<std::uint64_t>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

TEST(ParseGroupTest, TakesTimesAndCountsInTheKernelsOrder) {
  const auto count = parse_group(bytes_of({2, 100, 50, 3000, 2000}), 7);
  ASSERT_TRUE(count);
  EXPECT_EQ(count->cpu, 7);
  EXPECT_EQ(count->enabled, nanoseconds(100));
  EXPECT_EQ(count->running, nanoseconds(50));
  EXPECT_EQ(count->cycles, 3000U);
  EXPECT_EQ(count->instructions, 2000U);
}

TEST(ParseGroupTest, RefusesAnyOtherSize) {
  // 0 bytes: the kernel gave the event up.
  for (const std::size_t words : {0, 1, 4, 6}) {
    EXPECT_FALSE(parse_group(bytes_of(std::vector<std::uint64_t>(words, 2)), 0))
        << words;
  }
  auto cut = bytes_of({2, 1, 1, 1, 1});
  cut.pop_back();
  EXPECT_THAT(parse_group(cut, 3).error().what,
              HasSubstr("CPU 3: 39 bytes instead of 40"));
}

TEST(ParseGroupTest, RefusesAnotherNumberOfEvents) {
  EXPECT_FALSE(parse_group(bytes_of({1, 1, 1, 1, 1}), 0));
  EXPECT_FALSE(parse_group(bytes_of({3, 1, 1, 1, 1}), 0));
}

class CountersTest : public testing::Test {
 protected:
  [[nodiscard]] int cgroup_fd() const { return directory_.get(); }

  Result<CgroupCounters> open(const std::vector<int>& cpus) {
    return CgroupCounters::open(perf_, events_, cgroup_fd(), cpus);
  }

  FakePerf perf_;
  FileTree tree_;
  UniqueFd directory_ = *open_to_read(tree_.root(), O_DIRECTORY);
  EventPair events_ = *resolve_events({});
};

TEST_F(CountersTest, CyclesLeadAndInstructionsFollowInTheSameCgroup) {
  const auto group = EventGroup::open(perf_, events_, cgroup_fd(), 1);
  ASSERT_TRUE(group);
  ASSERT_EQ(perf_.opened.size(), 2U);
  EXPECT_EQ(perf_.opened[0].attr.config, PERF_COUNT_HW_CPU_CYCLES);
  EXPECT_EQ(perf_.opened[0].leader, PerfApi::kNoLeader);
  EXPECT_EQ(perf_.opened[1].attr.config, PERF_COUNT_HW_INSTRUCTIONS);
  EXPECT_EQ(perf_.opened[1].leader, perf_.opened[0].fd);
  for (const auto& event : perf_.opened) {
    EXPECT_EQ(event.cgroup, tree_.root());
    EXPECT_EQ(event.cpu, 1);
  }
}

TEST_F(CountersTest, EveryCpuIsReadInOrder) {
  perf_.bytes[{tree_.root(), 0}] = {2, 10, 10, 30, 20};
  perf_.bytes[{tree_.root(), 2}] = {2, 10, 5, 33, 22};
  auto counters = open({0, 2});
  ASSERT_TRUE(counters);
  std::vector<GroupCount> counts;
  ASSERT_TRUE(counters->read(counts));
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].cpu, 0);
  EXPECT_EQ(counts[1].cpu, 2);
  EXPECT_EQ(counts[1].cycles, 33U);
  EXPECT_EQ(counts[1].running, nanoseconds(5));
}

TEST_F(CountersTest, GroupsCountOnlyOnceAllAreOpen) {
  auto counters = open({0, 1});
  ASSERT_TRUE(counters);
  EXPECT_THAT(perf_.commands,
              ElementsAre(Pair(perf_.opened[0].fd, Command::enable),
                          Pair(perf_.opened[2].fd, Command::enable)));
}

TEST_F(CountersTest, OneCpuThatFailsLeavesNothingOpen) {
  for (const bool sibling : {false, true}) {
    perf_.open_fault = [&](const FakePerf::Opened& event) {
      const bool is_sibling = event.leader != PerfApi::kNoLeader;
      return event.cpu == 1 && is_sibling == sibling ? ENODEV : 0;
    };
    const auto counters = open({0, 1, 2});
    ASSERT_FALSE(counters);
    EXPECT_EQ(counters.error().code, ENODEV);
    EXPECT_EQ(perf_.open_now(), 0);
  }
}

TEST_F(CountersTest, GroupsThatCannotBeStartedAreClosed) {
  perf_.control_fault = EINVAL;
  EXPECT_FALSE(open({0, 1}));
  EXPECT_EQ(perf_.open_now(), 0);
}

TEST_F(CountersTest, APartOfTheCpusIsNeverReturned) {
  perf_.bytes[{tree_.root(), 1}] = {};  // given up by the kernel
  auto counters = open({0, 1});
  std::vector<GroupCount> counts;
  EXPECT_FALSE(counters->read(counts));
  EXPECT_THAT(counts, IsEmpty());
  perf_.read_fault = EIO;
  EXPECT_EQ(counters->read(counts).error().code, EIO);
}

TEST_F(CountersTest, PausedCountersStartAgainAfterTheyWereRead) {
  auto counters = open({0});
  const int leader = perf_.opened[0].fd;
  perf_.commands.clear();
  std::vector<GroupCount> counts;
  ASSERT_TRUE(counters->read(counts));
  EXPECT_THAT(perf_.commands, IsEmpty());  // no price where nobody pauses
  ASSERT_TRUE(counters->pause());
  ASSERT_TRUE(counters->read(counts));
  EXPECT_THAT(perf_.commands, ElementsAre(Pair(leader, Command::disable),
                                          Pair(leader, Command::enable)));
}

struct Advice {
  int code;
  int cgroup_fd;
  const char* expected;
};

class PerfOpenErrorTest : public testing::TestWithParam<Advice> {};

TEST_P(PerfOpenErrorTest, SaysWhatToDo) {
  const Error error = perf_open_error(GetParam().code, GetParam().cgroup_fd, 3);
  EXPECT_EQ(error.code, GetParam().code);
  EXPECT_THAT(error.what, HasSubstr("CPU 3"));
  EXPECT_THAT(error.remedy, HasSubstr(GetParam().expected));
}

constexpr int kCgroup = 5;
constexpr int kHost = PerfApi::kWholeCpu;
INSTANTIATE_TEST_SUITE_P(
    Errno, PerfOpenErrorTest,
    testing::Values(Advice{EACCES, kHost, "CAP_PERFMON"},
                    Advice{EPERM, kHost, "perf_event_paranoid"},
                    Advice{EMFILE, kCgroup, "LimitNOFILE"},
                    Advice{ENFILE, kCgroup, "fs.file-max"},
                    Advice{ENOENT, kHost, "no PMU"},
                    Advice{EOPNOTSUPP, kHost, "no PMU"},
                    Advice{ENOENT, kCgroup, "cgroup.subtree_control"},
                    Advice{EBADF, kCgroup, "perf_event hierarchy"},
                    Advice{ENODEV, kCgroup, "offline"},
                    Advice{EINVAL, kHost, "do not fit one counter group"},
                    Advice{EBUSY, kHost, "another tool"},
                    Advice{ENOSYS, kHost, "built without perf"},
                    Advice{ENOMEM, kHost, ""}));

}  // namespace
}  // namespace cpi
