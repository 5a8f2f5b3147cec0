// cpictl beside the real collectd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "cli/child.h"
#include "cli/config_source.h"
#include "live/daemon.h"
#include "store/atomic_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class CpictlLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = LiveDaemon::unavailable()) GTEST_SKIP() << *why;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "collectd cannot load a sanitized module by itself";
#endif
    source_.file = directory_ / "cpi.conf";
    source_.module = CPI_MODULE;
  }

  void configure(const std::string& options) const {
    std::ofstream(source_.file)
        << "LoadPlugin no_such_plugin\n<Plugin cpi>\n"
        << "  CyclesEvent \"cpu-clock\"\n  InstructionsEvent \"task-clock\"\n"
        << options << "\n</Plugin>\n";
  }

  TemporaryDirectory directory_;
  ConfigSource source_;
};

TEST_F(CpictlLiveTest, ReadsAConfigurationByCollectdsOwnParser) {
  configure("<Service \"web\">\n Cgroup \"/cpi-none/*\"\n</Service>");
  const auto read = read_config(source_);
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->config.services.size(), 1U);
  EXPECT_EQ(read->config.services[0].name, "web");
  EXPECT_EQ(read->config.state_dir, source_.state_dir);
}

TEST_F(CpictlLiveTest, PassesOnWhatCollectdSaysOfABadBlock) {
  configure("<Service \"web\">\n Cgrop \"/x\"\n</Service>");
  const auto read = read_config(source_);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_THAT(read->complaints, ElementsAre(HasSubstr("Cgrop")));
}

TEST_F(CpictlLiveTest, TakesTheIntervalOfThePlugin) {
  std::ofstream(source_.file)
      << "<LoadPlugin cpi>\n  Interval 30\n</LoadPlugin>\n"
      << "<Plugin cpi>\n  CyclesEvent \"cpu-clock\"\n"
      << "  InstructionsEvent \"task-clock\"\n  CountTime 20\n</Plugin>\n";
  const auto read = read_config(source_);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_THAT(read->complaints, IsEmpty());
}

TEST_F(CpictlLiveTest, FailsOnWhatCollectdCannotParse) {
  configure("<Service \"web\">");
  const auto read = read_config(source_);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("does not accept"));
}

TEST_F(CpictlLiveTest, TheDoctorSpeaksJson) {
  configure("");
  const auto child = run_child({CPICTL, "doctor", "--json", "--config",
                                source_.file, "--module", source_.module},
                               directory_ / "log");
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_THAT(child->output, StartsWith("[\n  {\n    \"name\": \"collectd\""));
}

// Byte for byte: conf.d through collectd's parser to every form there is.
TEST_F(CpictlLiveTest, WritesTheApplicationThatConfDDeclares) {
  const std::string golden = SOURCE_ROOT "/tests/service/golden/";
  const std::vector<std::pair<std::string, std::string>> formats = {
      {"mail", "mail"}, {"markdown", "md"}, {"html", "html"}, {"json", "json"}};
  for (const std::string language : {"zh", "en"}) {
    for (const auto& [format, extension] : formats) {
      const auto child =
          run_child({CPICTL, "application", "like-core", "--lang", language,
                     "--format", format, "--config", golden + "like-core.conf",
                     "--module", source_.module},
                    directory_ / "log");
      ASSERT_TRUE(child) << child.error().message();
      EXPECT_EQ(child->status, 0);
      const auto expected = read_file(golden + language + "." + extension);
      ASSERT_TRUE(expected) << expected.error().message();
      EXPECT_EQ(child->output, *expected) << language << " " << format;
    }
  }
}

TEST(CpictlTest, RefusesACommandThatDoesNotExist) {
  const TemporaryDirectory directory;
  const auto child = run_child({CPICTL, "nosuch"}, directory / "log");
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_NE(child->status, 0);
}

// The shell's redirection, so that stderr stays readable.
TEST(CpictlTest, AnOutputThatCannotBeWrittenIsAnErrorInOneLine) {
  const TemporaryDirectory directory;
  for (const std::string arguments :
       {"--help",
        "replay --samples " SOURCE_ROOT "/recordings/google2011_job.csv"}) {
    const auto child = run_child(
        {"/bin/sh", "-c", "exec " CPICTL " " + arguments + " >/dev/full"},
        directory / "log");
    ASSERT_TRUE(child) << child.error().message();
    EXPECT_EQ(child->status, 1) << arguments;
    EXPECT_THAT(child->output, StartsWith("cpictl: ")) << arguments;
    EXPECT_EQ(std::count(child->output.begin(), child->output.end(), '\n'), 1)
        << child->output;
  }
}

TEST(CpictlTest, ReplaysTheShippedRecording) {
  const TemporaryDirectory directory;
  const auto child =
      run_child({CPICTL, "replay", "--samples",
                 SOURCE_ROOT "/tests/recordings/google2011_job.csv"},
                directory / "log");
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_EQ(child->status, 0) << child->output;
  EXPECT_THAT(child->output, HasSubstr("879156.000 job6336594489"));
  EXPECT_THAT(child->output, HasSubstr("CPI 2.9062"));
  EXPECT_THAT(child->output, HasSubstr("300 samples, "));
}

}  // namespace
}  // namespace cpi
