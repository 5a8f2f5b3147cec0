#include "base/cpu_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CpuListTest, ReadsNumbersAndRanges) {
  EXPECT_THAT(*parse_cpu_list("0-3,8\n"), ElementsAre(0, 1, 2, 3, 8));
  EXPECT_THAT(*parse_cpu_list("7"), ElementsAre(7));
}

TEST(CpuListTest, SortsAndNamesEachCpuOnce) {
  EXPECT_THAT(*parse_cpu_list("4,1-2,2"), ElementsAre(1, 2, 4));
}

TEST(CpuListTest, NothingIsNoCpu) {
  EXPECT_THAT(*parse_cpu_list(""), IsEmpty());
  EXPECT_THAT(*parse_cpu_list("\n"), IsEmpty());
}

TEST(CpuListTest, RefusesWhatIsNoListAndSaysWhatIsOne) {
  for (const char* bad : {"a", "3-1", "1,,2", "-1", "1-", "0-99999999"}) {
    const auto cpus = parse_cpu_list(bad);
    ASSERT_FALSE(cpus) << bad;
    EXPECT_THAT(cpus.error().message(), testing::HasSubstr("0-3,8"));
  }
}

TEST(CpuListTest, SaysWhatIsWrong) {
  EXPECT_EQ(parse_cpu_list("3-1").error().what, "has a range without an end");
  EXPECT_EQ(parse_cpu_list("1;2").error().what, "has a stray sign");
}

TEST(CpuListTest, ACpuHasAtMost16Bits) {
  EXPECT_TRUE(parse_cpu_list("0-65535"));
  for (const char* list : {"65536", "0-65536", "0-4294967295", "4294967296"}) {
    EXPECT_FALSE(parse_cpu_list(list)) << list;
  }
}

TEST(CpuListTest, AnIntersectionIsWhatIsInBoth) {
  EXPECT_THAT(intersection({0, 1, 2}, {1, 2, 3}), ElementsAre(1, 2));
  EXPECT_THAT(intersection({0}, {1}), IsEmpty());
}

}  // namespace
}  // namespace cpi
