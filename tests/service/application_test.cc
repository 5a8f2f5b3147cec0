#include "service/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/utf8.h"
#include "service/example.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string golden(const std::string& name) {
  std::ifstream file(std::string(SOURCE_ROOT) + "/tests/service/golden/" +
                     name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

Application example(Language language) {
  return make_application(example_service(), "capacity@example.com", language);
}

// Byte for byte. They are meant to be read: look at them after every change.
TEST(ApplicationTest, TheExampleLooksAsItAlwaysDid) {
  const Application chinese = example(Language::chinese);
  const Application english = example(Language::english);
  EXPECT_EQ(as_mail(chinese), golden("zh.mail"));
  EXPECT_EQ(as_mail(english), golden("en.mail"));
  EXPECT_EQ(as_markdown(chinese), golden("zh.md"));
  EXPECT_EQ(as_markdown(english), golden("en.md"));
  EXPECT_EQ(as_html(chinese), golden("zh.html"));
  EXPECT_EQ(as_html(english), golden("en.html"));
}

TEST(ApplicationTest, TheSubjectNamesBusinessModelAndMachines) {
  EXPECT_EQ(example(Language::chinese).subject,
            "[集群计算资源申请]推荐-like-core-v2-40");
  EXPECT_EQ(example(Language::english).subject,
            "[Cluster resource application] 推荐-like-core-v2-40");
}

TEST(ApplicationTest, EveryValueBeginsInTheSameColumn) {
  for (const Language language : {Language::chinese, Language::english}) {
    const Application application = example(language);
    const std::string text = as_text(application);
    std::optional<std::size_t> column;
    for (const FormField& row : application.rows) {
      const auto label = text.find("\n" + row.label + " ") + 1;
      const auto value = text.find(row.value, label + row.label.size());
      const auto width = display_width(text.substr(label, value - label));
      EXPECT_EQ(column.value_or(width), width) << row.label;
      column = width;
    }
  }
}

TEST(ApplicationTest, WhatIsMissingIsShownAndNamed) {
  ServiceConfig service = example_service();
  service.declaration.business.clear();
  service.declaration.machines.reset();
  service.declaration.owners.clear();
  const Application application =
      make_application(service, "", Language::chinese);
  EXPECT_THAT(application.missing,
              ElementsAre("Machines", "Business", "Owner"));
  EXPECT_EQ(application.subject,
            "[集群计算资源申请]（未填写）-like-core-v2-（未填写）");
  EXPECT_THAT(as_text(application),
              HasSubstr("\n进程负责人         （未填写）\n"));
  EXPECT_THAT(as_mail(application), Not(HasSubstr("To:")));
}

TEST(ApplicationTest, AServiceThatDeclaresNothingLacksEverythingRequired) {
  ServiceConfig service;
  service.name = "bare";
  EXPECT_FALSE(is_declared(service));
  EXPECT_EQ(missing_fields(service).size(), 16u);
  EXPECT_EQ(deployment_of(service), "bare");
  EXPECT_EQ(model_of(service), "bare");
}

TEST(ApplicationTest, NumbersThatDoNotAgreeAreWarnings) {
  ServiceConfig service = example_service();
  service.declaration.machines = 100;
  const Application application =
      make_application(service, "", Language::english);
  EXPECT_THAT(application.warnings,
              ElementsAre("Machines needed (peak QPS / maximum QPS per "
                          "replica): 38, declared 100"));
  EXPECT_THAT(as_text(application),
              HasSubstr("\nMore than 20 % off, please check\n  Machines"));
}

TEST(ApplicationTest, OwnersAreAskedWhereNobodyDecides) {
  const Application application =
      make_application(example_service(), "", Language::chinese);
  EXPECT_THAT(application.to, ElementsAre("zhang.san@example.com"));
  EXPECT_THAT(application.cc, ElementsAre("运维 <sre@example.com>"));
}

TEST(ApplicationTest, NoValueLeavesItsCell) {
  ServiceConfig service = example_service();
  service.declaration.remark = "</td><script>alert(1)</script> & | `x` [l](u)";
  const Application application =
      make_application(service, "", Language::english);
  EXPECT_THAT(as_html(application), Not(HasSubstr("<script>")));
  EXPECT_THAT(as_html(application), HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(as_markdown(application),
              HasSubstr("| Remarks | &lt;/td&gt;&lt;script&gt;alert(1)"
                        "&lt;/script&gt; &amp; \\| \\`x\\` \\[l\\](u) |\n"));
}

TEST(EncodeHeaderTest, AsciiStaysAsItIs) {
  EXPECT_EQ(encode_header("plain [text] - 40"), "plain [text] - 40");
}

// Decodes what encode_header() makes.
std::string decoded(const std::string& header) {
  const std::string digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t at = header.find("?B?"); at != std::string::npos;
       at = header.find("?B?", at + 1)) {
    unsigned bits = 0;
    int have = 0;
    for (std::size_t i = at + 3; header[i] != '?' && header[i] != '='; ++i) {
      bits = bits << 6 | static_cast<unsigned>(digits.find(header[i]));
      have += 6;
      if (have >= 8) {
        have -= 8;
        result += static_cast<char>(bits >> have & 0xFF);
      }
    }
  }
  return result;
}

TEST(EncodeHeaderTest, WordsAreShortAndCutNoCharacter) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += i % 3 == 0 ? "a" : "推";
  const std::string header = encode_header(text);
  EXPECT_EQ(decoded(header), text);
  std::size_t begin = 0;
  for (std::size_t end = header.find('\n'); begin < header.size();
       end = header.find('\n', begin)) {
    const std::string line = header.substr(begin, end - begin);
    EXPECT_LE(line.size(), 76u);  // with the blank that folds it
    EXPECT_TRUE(is_utf8(decoded(line))) << line;
    begin = end == std::string::npos ? header.size() : end + 1;
  }
}

TEST(EncodeHeaderTest, SurvivesWhatIsNoUtf8) {
  EXPECT_THAT(encode_header("\xff\xfe"), StartsWith("=?UTF-8?B?"));
  EXPECT_EQ(decoded(encode_header("\xff\xfe")), "\xff\xfe");
}

}  // namespace
}  // namespace cpi
