#include "cli/config_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cli/child.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(PluginConfigurationTest, TakesOursAndNothingElse) {
  EXPECT_EQ(plugin_configuration(
                "Hostname \"x\"\n"
                "LoadPlugin csv\n"
                "<LoadPlugin cpu>\n  Interval 1\n</LoadPlugin>\n"
                "<Plugin csv>\n  DataDir \"/\"\n  Interval 2\n</Plugin>\n"
                "LoadPlugin cpi\n"
                "<Plugin cpi>\n  CPUs \"0\"\n</Plugin>\n"
                "<Plugin cpi2>\n</Plugin>\n"),
            "LoadPlugin cpi\n<Plugin cpi>\n  CPUs \"0\"\n</Plugin>\n");
}

TEST(PluginConfigurationTest, TakesEveryBlockWithTheBlocksInIt) {
  EXPECT_EQ(
      plugin_configuration("loadplugin \"cpi\"\n"
                           "<Plugin \"cpi\">\n <Service \"a\">\n </Service>\n"
                           "</Plugin>\n"
                           "<Plugin exec>\n</Plugin>\n"
                           " <plugin CPI> # ours\n</plugin>\n"),
      "loadplugin \"cpi\"\n"
      "<Plugin \"cpi\">\n <Service \"a\">\n </Service>\n</Plugin>\n"
      " <plugin CPI> # ours\n</plugin>\n");
}

TEST(PluginConfigurationTest, TakesTheIntervalsThatHoldForIt) {
  const std::string text =
      "Interval 20\n<LoadPlugin cpi>\n  Interval 5\n</LoadPlugin>\n";
  EXPECT_EQ(plugin_configuration(text), text);
}

TEST(PluginConfigurationTest, LoadsWhatAnotherFileLoads) {
  EXPECT_EQ(plugin_configuration("Interval 20\n<Plugin cpi>\n</Plugin>\n"
                                 "<Plugin cpi>\n</Plugin>\n"),
            "Interval 20\nLoadPlugin cpi\n<Plugin cpi>\n</Plugin>\n"
            "<Plugin cpi>\n</Plugin>\n");
}

TEST(PluginConfigurationTest, LeavesOutWhatIsCommentedOut) {
  EXPECT_THAT(plugin_configuration("#<Plugin cpi>\n#</Plugin>\n"), IsEmpty());
}

TEST(PluginConfigurationTest, AnIntervalAloneIsNotOurs) {
  EXPECT_THAT(plugin_configuration("Interval 20\nLoadPlugin csv\n"), IsEmpty());
}

TEST(PluginConfigurationTest, ReadsALineOfAnyLength) {
  const std::string blanks(300'000, ' ');
  const std::string text = "LoadPlugin cpi\n<Plugin" + blanks + "cpi" + blanks +
                           ">\n" + blanks + "\n</Plugin>\n";
  EXPECT_EQ(plugin_configuration(text), text);
}

TEST(ReadConfigTest, ReadsWhatTheRunningPluginWroteDown) {
  const FileTree tree({{"state/config.json", R"({"CPUs": "0-3"})"}});
  ConfigSource source;
  source.state_dir = tree.path("state");
  const auto read = read_config(source);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->config.counters.cpus, "0-3");
}

TEST(ReadConfigTest, NamesTheModuleItCannotParseWith) {
  const FileTree tree({{"cpi.conf", "<Plugin cpi>\n</Plugin>\n"}});
  ConfigSource source;
  source.file = tree.path("cpi.conf");
  source.module = tree.path("no.so");
  const auto read = read_config(source);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("no.so"));
  EXPECT_THAT(read.error().remedy, HasSubstr("--module"));
}

TEST(ReadConfigTest, AFileWithoutThePluginIsAnErrorWithAHint) {
  const FileTree tree({{"collectd.conf", "Include \"/etc/x.d\"\n"}});
  ConfigSource source;
  source.file = tree.path("collectd.conf");
  const auto read = read_config(source);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr(source.file));
  EXPECT_THAT(read.error().remedy, HasSubstr("Include is not followed"));
}

TEST(ReadConfigTest, LeavesNoPrivateFolderBehindWhenItFails) {
  const FileTree tree(
      {{"cpi.conf", "LoadPlugin cpi\n"}, {"cpi.so", ""}, {"tmp/other", ""}});
  ASSERT_EQ(::setenv("TMPDIR", tree.path("tmp").c_str(), 1), 0);
  ConfigSource source;
  source.file = tree.path("cpi.conf");
  source.module = tree.path("cpi.so");
  source.daemon = "/bin/false";
  const auto read = read_config(source);
  ::unsetenv("TMPDIR");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("does not accept"));
  const std::filesystem::directory_iterator entries(tree.path("tmp"));
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(ReadConfigTest, NamesAFileThatIsNotThere) {
  ConfigSource source;
  source.file = "/nonexistent.conf";
  const auto read = read_config(source);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("/nonexistent.conf"));
}

TEST(RunChildTest, ReturnsStatusAndBothOutputs) {
  const FileTree tree({{"log", ""}});
  const auto child = run_child(
      {"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, tree.path("log"));
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_EQ(child->status, 3);
  EXPECT_EQ(child->output, "out\nerr\n");
}

TEST(RunChildTest, TellsASignalFromAStatus) {
  const FileTree tree({{"log", ""}});
  const auto child =
      run_child({"/bin/sh", "-c", "kill -9 $$"}, tree.path("log"));
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_EQ(child->status, -1);
}

TEST(RunChildTest, NamesAProgramItCannotStart) {
  const FileTree tree({{"log", ""}});
  const auto child = run_child({"/nonexistent"}, tree.path("log"));
  ASSERT_FALSE(child);
  EXPECT_THAT(child.error().message(), HasSubstr("start /nonexistent"));
}

}  // namespace
}  // namespace cpi
