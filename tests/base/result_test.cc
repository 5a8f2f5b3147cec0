#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace cpi {
namespace {

Result<int> refuse() {
  return fail(EMFILE, "open perf event on cpu 3", "raise LimitNOFILE");
}

TEST(ResultTest, MessageNamesWhatWasTriedWhyAndTheRemedy) {
  EXPECT_EQ(refuse().error().message(),
            "open perf event on cpu 3: Too many open files; raise LimitNOFILE");
}

TEST(ResultTest, MessageLeavesOutWhatIsNotThere) {
  EXPECT_EQ((Error{0, "parse", {}}).message(), "parse");
}

TEST(ResultTest, FailPassesOnAnError) {
  const auto caller = []() -> Result<std::string> { return fail(refuse()); };
  EXPECT_EQ(caller().error().code, EMFILE);
}

}  // namespace
}  // namespace cpi
