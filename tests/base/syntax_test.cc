#include "base/syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

TEST(SyntaxTest, ARegexStandsBetweenSlashes) {
  EXPECT_TRUE(is_regex("/^web/"));
  EXPECT_FALSE(is_regex("/web"));
  EXPECT_FALSE(is_regex("/"));
}

TEST(SyntaxTest, AcceptsGlobsAsContainerRuntimesNeedThem) {
  for (const char* glob :
       {"/system.slice/nginx.service", "/kubepods.slice/**/*like-core*",
        "/docker/[0-9a-f]*", "/a?c", "/a\\[b", "/"}) {
    EXPECT_EQ(objection_to_cgroup(glob), "") << glob;
  }
}

TEST(SyntaxTest, ObjectsToGlobsThatCanMatchNothing) {
  EXPECT_EQ(objection_to_cgroup("system.slice"), "does not begin with /");
  EXPECT_EQ(objection_to_cgroup(""), "does not begin with /");
  EXPECT_EQ(objection_to_cgroup("/a[bc"), "[ is never closed");
}

TEST(SyntaxTest, LeavesExpressionsToTheirCompiler) {
  EXPECT_EQ(objection_to_cgroup("/(/"), "");
  EXPECT_EQ(objection_to_cgroup("/nginx/"), "");
  EXPECT_EQ(objection_to_cgroup("/^/docker/web$/"), "");
}

TEST(SyntaxTest, APathWithASlashAtItsEndIsNoExpression) {
  EXPECT_EQ(objection_to_cgroup("/system.slice/nginx.service/"),
            "is a path with a / at its end");
}

TEST(SyntaxTest, ACpuListIsNumbersAndRanges) {
  for (const char* list : {"", "0", "0-3", "0-3,8", "8,0-3,10-10"}) {
    EXPECT_EQ(objection_to_cpulist(list), "") << list;
  }
  for (const char* list : {",", "a", "3-", "3-1", "0,", "0;1", "-1", "0 1",
                           "99999999999999999999"}) {
    EXPECT_NE(objection_to_cpulist(list), "") << list;
  }
}

TEST(SyntaxTest, AnEventIsOneWord) {
  EXPECT_EQ(objection_to_event("cycles:u"), "");
  EXPECT_EQ(objection_to_event(""), "empty");
  EXPECT_EQ(objection_to_event("ref cycles"), "has a blank");
}

TEST(SyntaxTest, PathsAreAbsolute) {
  EXPECT_EQ(objection_to_path("/var/log/pods"), "");
  EXPECT_EQ(objection_to_path(""), "does not begin with /");
  EXPECT_EQ(objection_to_optional_path(""), "");
  EXPECT_EQ(objection_to_optional_path("cpi"), "does not begin with /");
}

TEST(SyntaxTest, BlockNamesSuitIdentifiersAndFileNames) {
  EXPECT_EQ(objection_to_name("like-core_2.eu"), "");
  EXPECT_EQ(objection_to_name(""), "empty");
  EXPECT_EQ(objection_to_name(std::string(201, 'a')), "longer than 200 bytes");
  for (const char* name : {"..", "a/b", "a b", "-a", "a@b", "ä", "a\n"}) {
    EXPECT_EQ(objection_to_name(name), "has other characters") << name;
  }
}

TEST(SyntaxTest, ControlCharactersAreNotPrintable) {
  EXPECT_TRUE(is_printable("a b ü"));
  EXPECT_FALSE(is_printable("a\nb"));
  EXPECT_FALSE(is_printable("a\x7f"));
}

}  // namespace
}  // namespace cpi
