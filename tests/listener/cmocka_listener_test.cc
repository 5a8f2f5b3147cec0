#include "support/cmocka_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool exists(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0;
}

struct Output {
  std::string out;
  std::string err;
  bool failed = false;
};

// Runs `command` with `variables` set, as a shell would.
Output run(const std::string& variables, const std::string& command) {
  const TemporaryDirectory dir;
  const std::string out = dir / "out";
  const std::string err = dir / "err";
  const int status =
      std::system(("env -u CMOCKA_MESSAGE_OUTPUT -u CMOCKA_XML_FILE " +
                   variables + " " + command + " >" + out + " 2>" + err)
                      .c_str());
  return {contents(out), contents(err), status != 0};
}

std::string ours(const std::string& suites) {
  return GTEST_PROGRAM " --gtest_filter='" + suites + "'";
}

std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex("time=\"[0-9.]*\""), "time=\"T\"");
}

#ifdef CMOCKA_PROGRAM

class LikeCmocka : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string asked =
        std::string("CMOCKA_MESSAGE_OUTPUT=") + GetParam();
    ours_ = run(asked, ours("Outcomes.*"));
    theirs_ = run(asked, CMOCKA_PROGRAM);
    // The one deliberate difference within a group: see cmocka_listener.h.
    theirs_.out = std::regex_replace(theirs_.out,
                                     std::regex("not (ok \\d+ # SKIP)"), "$1");
  }
  Output ours_;
  Output theirs_;
};

TEST_P(LikeCmocka, WritesTheSameToStdout) {
  ASSERT_THAT(theirs_.out, Not(IsEmpty()));
  EXPECT_EQ(without_times(ours_.out), without_times(theirs_.out));
}

TEST_P(LikeCmocka, WritesTheSameToStderr) { EXPECT_EQ(ours_.err, theirs_.err); }

TEST_P(LikeCmocka, FailsWhenCmockaFails) {
  EXPECT_TRUE(theirs_.failed);
  EXPECT_TRUE(ours_.failed);
}

INSTANTIATE_TEST_SUITE_P(Formats, LikeCmocka,
                         testing::Values("STDOUT", "TAP", "XML", "stdout",
                                         "tap", "xml", "tap,xml", "bogus"));

TEST(LikeCmocka, WritesTheSameFilePerGroup) {
  const TemporaryDirectory dir;
  run("CMOCKA_MESSAGE_OUTPUT=XML CMOCKA_XML_FILE=" + (dir / "ours-%g.xml"),
      ours("Outcomes.*"));
  run("CMOCKA_MESSAGE_OUTPUT=XML CMOCKA_XML_FILE=" + (dir / "theirs-%g.xml"),
      CMOCKA_PROGRAM);
  const std::string theirs = contents(dir / "theirs-Outcomes.xml");
  ASSERT_THAT(theirs, HasSubstr("<testsuite name=\"Outcomes\""));
  EXPECT_EQ(without_times(contents(dir / "ours-Outcomes.xml")),
            without_times(theirs));
}

#else

TEST(LikeCmocka, WritesTheSame) {
  GTEST_SKIP() << "libcmocka-dev was not installed when this was configured";
}

#endif

TEST(CmockaListener, LeavesGoogleTestsOutputWhenNobodyAsks) {
  const Output output = run("CMOCKA_XML_FILE=/x", ours("Second.*"));
  EXPECT_THAT(output.out, HasSubstr("[----------] 1 test from Second"));
}

TEST(CmockaListener, MakesOneTapPlanOfSeveralGroups) {
  const Output output =
      run("CMOCKA_MESSAGE_OUTPUT=TAP", ours("Outcomes.passes:Second.*"));
  EXPECT_EQ(output.out,
            "1..2\n"
            "ok 1 - passes\n"
            "# ok - Outcomes\n"
            "ok 2 - passes\n"
            "# ok - Second\n");
}

TEST(CmockaListener, MakesOneXmlRootOfSeveralGroups) {
  const Output output =
      run("CMOCKA_MESSAGE_OUTPUT=XML", ours("Outcomes.passes:Second.*"));
  const char* suite =
      "  <testsuite name=\"{}\" time=\"T\" tests=\"1\" failures=\"0\" "
      "errors=\"0\" skipped=\"0\" >\n"
      "    <testcase name=\"passes\" time=\"T\" >\n"
      "    </testcase>\n"
      "  </testsuite>\n";
  const auto named = [&](const char* name) {
    return std::string(suite).replace(std::string(suite).find("{}"), 2, name);
  };
  EXPECT_EQ(without_times(output.out),
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<testsuites>\n" +
                named("Outcomes") + named("Second") + "</testsuites>\n");
}

TEST(CmockaListener, KeepsXmlWellFormedWhateverAMessageHolds) {
  const Output output = run("CMOCKA_MESSAGE_OUTPUT=XML", ours("Hostile.*"));
  EXPECT_THAT(output.out,
              HasSubstr("<![CDATA[Failed\n]]]]><![CDATA[>?\nh:1: error"));
}

TEST(CmockaListener, WritesSeveralGroupsToTheirOwnFiles) {
  const TemporaryDirectory dir;
  const Output output =
      run("CMOCKA_MESSAGE_OUTPUT=XML CMOCKA_XML_FILE=" + (dir / "%g.xml"),
          ours("Outcomes.passes:Second.*"));
  EXPECT_THAT(output.out + output.err, IsEmpty());
  EXPECT_TRUE(exists(dir / "Outcomes.xml"));
  EXPECT_TRUE(exists(dir / "Second.xml"));
}

TEST(CmockaListener, NeverWritesOverAFile) {
  const TemporaryDirectory dir;
  std::ofstream(dir / "kept.xml") << "mine";
  const Output output =
      run("CMOCKA_MESSAGE_OUTPUT=XML CMOCKA_XML_FILE=" + (dir / "kept.xml"),
          ours("Second.*"));
  EXPECT_EQ(contents(dir / "kept.xml"), "mine");
  EXPECT_THAT(output.out, IsEmpty());
  EXPECT_THAT(output.err, StartsWith("<?xml"));
}

TEST(CmockaListener, FallsBackToStderrWhereItCannotWrite) {
  const Output output =
      run("CMOCKA_MESSAGE_OUTPUT=XML CMOCKA_XML_FILE=/nonexistent/%g.xml",
          ours("Outcomes.passes:Second.*"));
  EXPECT_THAT(output.err, StartsWith("<?xml"));
  EXPECT_THAT(output.err, HasSubstr("</testsuite>\n</testsuites>\n"));
}

TEST(CmockaListener, ReportsABrokenFixtureAsTheGroupsError) {
  const Output tap = run("CMOCKA_MESSAGE_OUTPUT=TAP", ours("BrokenFixture.*"));
  EXPECT_THAT(tap.out,
              HasSubstr("not ok 0 - BrokenFixture [  FAILED  ] GROUP SETUP\n"
                        "# not ok - BrokenFixture\n"));
  const Output xml = run("CMOCKA_MESSAGE_OUTPUT=XML", ours("BrokenFixture.*"));
  EXPECT_THAT(xml.out, HasSubstr("errors=\"1\""));
  EXPECT_THAT(xml.err, HasSubstr("no fixture\nb:2: error: Failure!"));
}

}  // namespace
}  // namespace cpi
