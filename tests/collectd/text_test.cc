#include "collectd/text.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

TEST(PrintableTest, ControlBytesAreSpelledOut) {
  EXPECT_EQ(printable("a\x1b[31m\r\nb\t\x7f"),
            "a\\x1b[31m\\x0d\\x0ab\\x09\\x7f");
  EXPECT_EQ(printable(std::string(1, '\0')), "\\x00");
}

TEST(PrintableTest, AllElseIsLeftAlone) {
  EXPECT_EQ(printable("/käse @\\ ~"), "/käse @\\ ~");
}

TEST(CutTest, WhatFitsIsWhole) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("", 0), "");
}

TEST(CutTest, ACharacterIsKeptWholeOrNotAtAll) {
  const std::string text = "a€€";  // one byte, three, three
  EXPECT_EQ(cut(text, 6), "a€");
  EXPECT_EQ(cut(text, 5), "a€");
  EXPECT_EQ(cut(text, 4), "a€");
  EXPECT_EQ(cut(text, 3), "a");
  EXPECT_EQ(cut(text, 0), "");
}

TEST(CutTest, WhatIsNoUtf8IsCutAtTheByte) {
  EXPECT_EQ(cut(std::string(10, '\x80'), 6), std::string(6, '\x80'));
}

}  // namespace
}  // namespace cpi
