#include "cli/config_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/child.h"
#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(PluginBlocksTest, TakesOursAndNothingElse) {
  EXPECT_EQ(plugin_blocks("Hostname \"x\"\n"
                          "LoadPlugin csv\n"
                          "<Plugin csv>\n  DataDir \"/\"\n</Plugin>\n"
                          "<Plugin cpi>\n  CPUs \"0\"\n</Plugin>\n"
                          "<LoadPlugin cpi>\n  Interval 1\n</LoadPlugin>\n"),
            "<Plugin cpi>\n  CPUs \"0\"\n</Plugin>\n");
}

TEST(PluginBlocksTest, TakesEveryBlockWithTheBlocksInIt) {
  EXPECT_EQ(plugin_blocks("<Plugin \"cpi\">\n <Service \"a\">\n </Service>\n"
                          "</Plugin>\n"
                          "<Plugin exec>\n</Plugin>\n"
                          " <plugin CPI> # ours\n</plugin>\n"),
            "<Plugin \"cpi\">\n <Service \"a\">\n </Service>\n</Plugin>\n"
            " <plugin CPI> # ours\n</plugin>\n");
}

TEST(PluginBlocksTest, LeavesOutWhatIsCommentedOut) {
  EXPECT_THAT(plugin_blocks("#<Plugin cpi>\n#</Plugin>\n"), IsEmpty());
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
