// The GoogleTest side of the comparison: every outcome a test can have. The
// CMocka side, outcomes.cmocka.c, holds the same tests.
#include <gtest/gtest.h>

namespace {

TEST(Outcomes, passes) {}

TEST(Outcomes, fails) { ADD_FAILURE_AT("outcomes", 6) << "1 is not 2"; }

TEST(Outcomes, skips) { GTEST_SKIP() << "nothing to see"; }

TEST(Outcomes, explains_in_two_lines) {
  ADD_FAILURE_AT("outcomes", 7) << "first <line>\nsecond \"line\"";
}

TEST(Second, passes) {}

TEST(Hostile, closes_the_section) { ADD_FAILURE_AT("h", 1) << "]]>\x01"; }

class BrokenFixture : public testing::Test {
 protected:
  static void SetUpTestSuite() { ADD_FAILURE_AT("b", 2) << "no fixture"; }
};

TEST_F(BrokenFixture, never_mind) {}

}  // namespace
