#include "model/executables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(ExecutablesTest, TheFirstOneIsNoNews) {
  Executables executables;
  EXPECT_FALSE(executables.meet("web 1"));
  EXPECT_FALSE(executables.meet("web 1"));
}

TEST(ExecutablesTest, AnotherOneIsNewOnce) {
  Executables executables;
  executables.meet("web 1");
  EXPECT_TRUE(executables.meet("web 2"));
  EXPECT_FALSE(executables.meet("web 1"));
  EXPECT_FALSE(executables.meet("web 2"));
  EXPECT_THAT(executables.known(), ElementsAre("web 1", "web 2"));
}

TEST(ExecutablesTest, NotKnowingIsNoNews) {
  Executables executables;
  EXPECT_FALSE(executables.meet(""));
  EXPECT_FALSE(executables.meet("web 1"));
  EXPECT_FALSE(executables.meet(""));
}

TEST(ExecutablesTest, TheLongestUnseenIsForgotten) {
  Executables executables;
  for (std::size_t i = 0; i < Executables::kMost; ++i) {
    executables.meet("web " + std::to_string(i));
  }
  executables.meet("web 0");
  executables.meet("web new");
  EXPECT_THAT(executables.known(), SizeIs(Executables::kMost));
  EXPECT_FALSE(executables.meet("web 0"));
  EXPECT_TRUE(executables.meet("web 1"));
}

TEST(ExecutablesTest, WhatIsRestoredIsKnown) {
  Executables executables;
  executables.restore({"web 1"});
  EXPECT_FALSE(executables.meet("web 1"));
  EXPECT_TRUE(executables.meet("web 2"));
  executables.restore(std::vector<std::string>(100, "web"));
  EXPECT_THAT(executables.known(), SizeIs(Executables::kMost));
}

}  // namespace
}  // namespace cpi
