// The snippets that are shipped, read by the daemon that will read them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "base/options.h"
#include "live/daemon.h"
#include "store/config_json.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string shipped(const std::string& name) {
  std::ifstream file(std::string(CPI_CONF_D) + "/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// With every option in force that is shown as a comment: "#Option value".
std::string uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)( *)#([A-Z])"), "$1$2$3");
}

class ConfDLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LiveDaemon::unavailable()) GTEST_SKIP() << *reason;
  }

  // What the plugin understood. Its folder is not compared: it is the test's.
  static Config understood(const std::string& text) {
    LiveDaemon daemon(text);
    EXPECT_EQ(daemon.read_once(), 0) << daemon.log();
    EXPECT_THAT(daemon.log_lines("[error]"), IsEmpty());
    auto config = load_config(daemon.base_dir() + "/cpi/config.json");
    EXPECT_TRUE(config) << config.error().message();
    if (!config) return {};
    EXPECT_EQ(config->state_dir, daemon.base_dir() + "/cpi");
    config->state_dir = Config{}.state_dir;
    return *config;
  }
};

TEST_F(ConfDLiveTest, TheShippedFileMeansTheDefaults) {
  EXPECT_EQ(understood(shipped("10-cpi.conf")), Config{});
}

TEST_F(ConfDLiveTest, WhatItShowsAsDefaultsAreTheDefaults) {
  EXPECT_EQ(understood(uncommented(shipped("10-cpi.conf"))), Config{});
}

TEST_F(ConfDLiveTest, ItShowsEveryOption) {
  const std::string text = shipped("10-cpi.conf");
  for (const auto& option : options<Config>()) {
    EXPECT_THAT(text, HasSubstr("\n  #" + std::string(option.name) + " "));
  }
}

TEST_F(ConfDLiveTest, TheExampleIsAccepted) {
  const Config config =
      understood(shipped("10-cpi.conf") + shipped("20-services.conf.example"));
  ASSERT_EQ(config.services.size(), 3u);
  ASSERT_EQ(config.batch.size(), 2u);
  EXPECT_EQ(config.services[1].selectors[0],
            (Selector{Selector::Kind::deployment, "production/like-core"}));
  // Backslashes as the daemon's parser leaves them.
  EXPECT_EQ(config.batch[1].selectors[0],
            (Selector{Selector::Kind::regex,
                      "^\\/system\\.slice\\/(.*\\/)?train@[0-9]+\\.service$"}));
}

TEST_F(ConfDLiveTest, TheExampleShowsEveryOptionOfItsBlocks) {
  const std::string text = shipped("20-services.conf.example");
  for (const auto& option : options<BatchConfig>()) {
    EXPECT_THAT(text, HasSubstr(" " + std::string(option.name) + " "));
  }
  for (const auto& option : options<ServiceConfig>()) {
    EXPECT_THAT(text, HasSubstr(" " + std::string(option.name) + " "));
  }
}

}  // namespace
}  // namespace cpi
