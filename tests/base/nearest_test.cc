#include "base/nearest.h"

#include <gtest/gtest.h>

namespace cpi {
namespace {

constexpr std::string_view kKnown[] = {"cycles", "ref-cycles", "instructions"};

TEST(EditDistanceTest, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

TEST(EditDistanceTest, IgnoresCase) {
  EXPECT_EQ(edit_distance("CPUs", "cpus"), 0u);
}

TEST(NearestTest, FindsTheWordWithTheFewestChanges) {
  EXPECT_EQ(nearest("instruction", kKnown), "instructions");
  EXPECT_EQ(nearest("refcycles", kKnown), "ref-cycles");
}

TEST(NearestTest, OfNothingIsNothing) { EXPECT_EQ(nearest("x", {}), ""); }

TEST(NearestTest, PrefersTheFirstOfEquals) {
  constexpr std::string_view kAlike[] = {"ab", "ac"};
  EXPECT_EQ(nearest("ad", kAlike), "ab");
}

}  // namespace
}  // namespace cpi
