#include "layering/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The project itself.

TEST(ThisProject, KeepsItsLayers) {
  const SourceTree tree = read_sources(SOURCE_ROOT);
  ASSERT_THAT(tree, testing::Contains(testing::Key("plugin/pipeline.h")));
  EXPECT_THAT(broken_layering(tree), IsEmpty());
}

TEST(ThisProject, KeepsItsFilesShort) {
  EXPECT_THAT(too_long(read_sources(SOURCE_ROOT)), IsEmpty());
}

// The checker, on trees that are wrong in one way each.

TEST(BrokenLayering, AcceptsWhatTheRulesAllow) {
  EXPECT_THAT(
      broken_layering(
          {{"plugin/sample/a.cc",
            "#include \"base/units.h\"\n#include \"counters/reading.h\"\n"},
           {"plugin/counters/b.cc", "#include <perfmon/pfmlib.h>\n"},
           {"plugin/pipeline.cc", "#include \"counters/collector.h\"\n"},
           {"plugin/collectd/m.cc", "#include \"pipeline.h\"\n"},
           {"plugin/actuate/s.cc", "#include \"actuator/protocol.h\"\n"}}),
      IsEmpty());
}

TEST(BrokenLayering, NamesFileLineAndRule) {
  EXPECT_THAT(
      broken_layering({{"plugin/sample/a.cc", "\n#include \"model/x.h\"\n"}}),
      ElementsAre("plugin/sample/a.cc:2: sample may not include model"));
}

TEST(BrokenLayering, RefusesTheMechanismOfAnEarlierStage) {
  EXPECT_THAT(broken_layering(
                  {{"plugin/model/a.h", "#include \"sample/sampler.h\"\n"}}),
              ElementsAre(HasSubstr("only the value headers of sample")));
}

TEST(BrokenLayering, LetsNothingSeeCollectd) {
  EXPECT_THAT(broken_layering(
                  {{"plugin/cli/a.cc", "#include \"collectd/api.h\"\n"},
                   {"plugin/pipeline.cc", "#include \"collectd/api.h\"\n"}}),
              SizeIs(2));
}

TEST(BrokenLayering, KeepsTheActuatorAlone) {
  EXPECT_THAT(
      broken_layering({{"actuator/main.cc", "#include \"store/journal.h\"\n"}}),
      ElementsAre(HasSubstr("actuator may not include store")));
}

TEST(BrokenLayering, FindsAFolderWithoutALayer) {
  EXPECT_THAT(broken_layering({{"plugin/misc/util.h", ""}}),
              ElementsAre(HasSubstr("folder misc has no layer")));
}

TEST(BrokenLayering, FindsACircleOfFolders) {
  EXPECT_THAT(
      broken_layering({{"plugin/store/a.h", "#include \"collectd/b.h\"\n"},
                       {"plugin/collectd/b.h", "#include \"store/a.h\"\n"}}),
      AllOf(Contains("folder store includes itself in a circle"),
            Contains("folder collectd includes itself in a circle")));
}

TEST(BrokenLayering, IgnoresWhatCommentsAndStringsSay) {
  EXPECT_THAT(broken_layering({{"plugin/model/a.cc",
                                "// clock::now() is passed in\n"
                                "/* a\n getenv(x) */\n"
                                "const char* s = \"::now(\";\n"}}),
              IsEmpty());
}

class ImpureTest : public testing::TestWithParam<const char*> {};

TEST_P(ImpureTest, IsRefusedInThePureMiddleOnly) {
  const std::string line = std::string(GetParam()) + "\n";
  for (const char* folder :
       {"sample", "service", "model", "incident", "policy"}) {
    const std::string path = std::string("plugin/") + folder + "/a.cc";
    EXPECT_THAT(broken_layering({{path, "\n" + line}}),
                ElementsAre(HasSubstr(path + ":2: " + folder + " is pure")));
  }
  EXPECT_THAT(broken_layering({{"plugin/counters/a.cc", line}}), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Effects, ImpureTest,
    testing::Values("auto t = Clock::now();", "std::getenv(\"HOME\");",
                    "syscall(1);", "#include <unistd.h>",
                    "#include <sys/stat.h>", "#include <time.h>",
                    "#include <fstream>", "#include <iostream>",
                    "#include <thread>", "#include <mutex>",
                    "#include \"base/log.h\""));

struct Misplaced {
  const char* header;
  const char* home;
};

class ForeignTest : public testing::TestWithParam<Misplaced> {};

TEST_P(ForeignTest, IsRefusedOutsideItsFolder) {
  const auto& [header, home] = GetParam();
  const std::string line = std::string("#include <") + header + ">\n";
  EXPECT_THAT(broken_layering({{"plugin/base/a.cc", line}}),
              ElementsAre(HasSubstr(std::string("<") + header + ">")));
  EXPECT_THAT(
      broken_layering({{std::string("plugin/") + home + "/a.cc", line}}),
      IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Apis, ForeignTest,
    testing::Values(Misplaced{"perfmon/pfmlib_perf_event.h", "counters"},
                    Misplaced{"libcgroup.h", "counters"},
                    Misplaced{"jansson.h", "store"},
                    Misplaced{"core/daemon/plugin.h", "collectd"},
                    Misplaced{"CLI/CLI.hpp", "cli"},
                    Misplaced{"spawn.h", "actuate"}),
    [](const auto& api) {
      return std::string(api.param.home) + std::to_string(api.index);
    });

TEST(BrokenLayering, RefusesTheKernelsPerfHeaderEverywhere) {
  EXPECT_THAT(broken_layering({{"plugin/counters/a.cc",
                                "#include <linux/perf_event.h>\n"}}),
              ElementsAre(HasSubstr("belongs to nobody")));
}

TEST(TooLong, AllowsHeadersLessThanSources) {
  const auto lines = [](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += '\n';
    return text;
  };
  EXPECT_THAT(too_long({{"a.h", lines(200)}, {"a.cc", lines(400)}}), IsEmpty());
  EXPECT_THAT(too_long({{"a.h", lines(201)}, {"a.cc", lines(401)}}),
              ElementsAre("a.cc: 401 lines, 400 allowed",
                          "a.h: 201 lines, 200 allowed"));
}

}  // namespace
}  // namespace cpi
