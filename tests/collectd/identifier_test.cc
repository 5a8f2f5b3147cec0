#include "collectd/identifier.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

TEST(IdentifierTest, WhatFitsStaysAsItIs) {
  EXPECT_EQ(identifier("service_web"), "service_web");
  const std::string just(127, 'a');
  EXPECT_EQ(identifier(just), just);
}

TEST(IdentifierTest, WhatIsTooLongIsCutAndToldApart) {
  const std::string prefix(127, 'a');
  EXPECT_EQ(identifier(prefix + "b").size(), 127u);
  EXPECT_NE(identifier(prefix + "b"), identifier(prefix + "c"));
  EXPECT_EQ(identifier(prefix + "b").substr(0, 114), prefix.substr(0, 114));
}

TEST(ShortIdTest, IsTheSameEverywhere) {
  // FNV-1a's offset basis and its published value for "a".
  EXPECT_EQ(short_id(""), "cbf29ce48422");
  EXPECT_EQ(short_id("a"), "af63dc4c8601");
}

}  // namespace
}  // namespace cpi
