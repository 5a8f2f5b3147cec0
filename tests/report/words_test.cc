#include "report/words.h"

#include <gtest/gtest.h>

#include <cstring>
#include <regex>
#include <string>
#include <vector>

#include "report/utf8.h"

namespace cpi {
namespace {

std::vector<const char*> texts_of(const Words& words) {
  std::vector<const char*> texts(sizeof(Words) / sizeof(const char*));
  std::memcpy(texts.data(), &words, sizeof(Words));
  return texts;
}

std::size_t places_in(const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find("{}"); at != std::string::npos;
       at = text.find("{}", at + 2)) {
    ++count;
  }
  return count;
}

TEST(WordsTest, BothLanguagesHaveEveryTextWithAsManyPlaces) {
  const auto english = texts_of(*words_in("en"));
  const auto chinese = texts_of(*words_in("zh"));
  for (std::size_t i = 0; i < english.size(); ++i) {
    ASSERT_NE(english[i], nullptr) << i;
    ASSERT_NE(chinese[i], nullptr) << english[i];
    EXPECT_STRNE(chinese[i], "") << english[i];
    EXPECT_EQ(places_in(english[i]), places_in(chinese[i])) << english[i];
  }
}

TEST(WordsTest, ChineseTextsAreUtf8) {
  for (const char* text : texts_of(*words_in("zh"))) {
    EXPECT_EQ(valid_utf8(text), text);
  }
}

TEST(WordsTest, ThereIsNoOtherLanguage) {
  EXPECT_EQ(words_in("de"), nullptr);
  EXPECT_EQ(words_in(""), nullptr);
}

TEST(Utf8Test, WhatIsUtf8Stays) {
  for (const char* text : {"", "web", "服务", "é", "😀", "a<b>&\"c"}) {
    EXPECT_EQ(valid_utf8(text), text);
  }
}

TEST(Utf8Test, WhatIsNotBecomesAReplacementEach) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(valid_utf8("a\xff"), "a" + bad);
  EXPECT_EQ(valid_utf8("\xC0\xAF"), bad + bad);            // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), bad + bad + bad);  // surrogate
  EXPECT_EQ(valid_utf8("\xE6\x9C"), bad + bad);            // cut off
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);
  EXPECT_EQ(valid_utf8(std::string("a\0b", 3)), "a" + bad + "b");
  EXPECT_EQ(valid_utf8("\x1b[31m"), bad + "[31m");
  EXPECT_EQ(valid_utf8("x\xE2\x80\xAEy"), "x" + bad + "y");  // right to left
}

}  // namespace
}  // namespace cpi
