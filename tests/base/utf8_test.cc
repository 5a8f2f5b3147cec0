#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

TEST(Utf8Test, AcceptsEveryLength) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("aé推😀"));
  EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
}

TEST(Utf8Test, RefusesWhatOnlyLooksLikeIt) {
  for (const char* text : {"\xff", "\xc3", "\xc3(", "\xe6\x8e", "\x80",
                           "\xc0\xaf",          // an overlong slash
                           "\xe0\x80\xaf",      // the same, longer
                           "\xed\xa0\x80",      // a surrogate
                           "\xf4\x90\x80\x80",  // beyond U+10FFFF
                           "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Utf8Test, TakesOnePointAndLeavesTheRest) {
  std::string_view text = "推a";
  EXPECT_EQ(take_code_point(text), U'推');
  EXPECT_EQ(text, "a");
  text = "\xffz";
  EXPECT_EQ(take_code_point(text), std::nullopt);
  EXPECT_EQ(text.size(), 2u);
}

TEST(DisplayWidthTest, ChineseIsTwoColumnsWide) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("机器数量"), 8u);
  EXPECT_EQ(display_width("（线程）"), 8u);
  EXPECT_EQ(display_width("é"), 1u);
  EXPECT_EQ(display_width("e\xcc\x81"), 1u);  // e and a combining accent
  EXPECT_EQ(display_width("😀"), 2u);
  EXPECT_EQ(display_width("한글"), 4u);
  EXPECT_EQ(display_width("\xff\xfe"), 2u);
}

}  // namespace
}  // namespace cpi
