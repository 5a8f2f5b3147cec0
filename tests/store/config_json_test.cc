#include "store/config_json.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "base/options.h"
#include "store/atomic_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

// Differs from the defaults in every option.
Config unusual_config() {
  Config config;
  config.counters = {"ref-cycles", "r00c0:u", std::chrono::milliseconds(1300),
                     "0-3,8", "/pods"};
  config.sampler = {0.123456789012345, 42};
  config.report = {false, false, false, false, false, false,
                   false, false, false, false, true};
  config.state_dir = "/var/lib/ü \"quoted\"";
  config.services = {{"web",
                      {{Selector::Kind::glob, "/web*"},
                       {Selector::Kind::regex, "^\\/docker\\/[0-9a-f]+$"},
                       {Selector::Kind::deployment, "prod/web"}}},
                     {"empty", {}}};
  config.batch = {{"train", {{Selector::Kind::glob, "/t"}}, true}};
  return config;
}

std::string error_of(const std::string& text) {
  const auto config = config_from_json(text, "config.json");
  return config ? "" : config.error().message();
}

TEST(ConfigJsonTest, DefaultsSurviveTheRoundTrip) {
  const std::string text = config_to_json(Config{}).value();
  EXPECT_EQ(config_from_json(text, "").value(), Config{});
}

TEST(ConfigJsonTest, EveryMemberSurvivesTheRoundTrip) {
  const std::string text = config_to_json(unusual_config()).value();
  EXPECT_EQ(config_from_json(text, "").value(), unusual_config());
}

TEST(ConfigJsonTest, HoldsEveryOptionUnderItsName) {
  const std::string text = config_to_json(unusual_config()).value();
  const auto expect_key = [&text](std::string_view name) {
    EXPECT_NE(text.find("\"" + std::string(name) + "\":"), std::string::npos)
        << name;
  };
  for (const auto& option : options<Config>()) expect_key(option.name);
  for (const auto& option : options<ServiceConfig>()) expect_key(option.name);
  for (const auto& option : options<BatchConfig>()) expect_key(option.name);
}

TEST(ConfigJsonTest, IsReadableByPeople) {
  EXPECT_EQ(config_to_json(Config{}).value().rfind(
                "{\n  \"CyclesEvent\": \"cycles\",\n", 0),
            0u);
}

TEST(ConfigJsonTest, AMissingKeyKeepsItsDefault) {
  EXPECT_EQ(config_from_json("{}", "").value(), Config{});
}

TEST(ConfigJsonTest, TextsThatAreNotUtf8CannotBeWritten) {
  Config config;
  config.counters.pod_logs = "/\xff";
  EXPECT_EQ(config_to_json(config).error().code, EILSEQ);
  config = Config{};
  config.services = {{"web", {{Selector::Kind::glob, "/\xff"}}}};
  EXPECT_EQ(config_to_json(config).error().code, EILSEQ);
  config.services = {{"\xff", {}}};
  EXPECT_EQ(config_to_json(config).error().code, EILSEQ);
}

TEST(ConfigJsonTest, ErrorsNameSourceAndPlace) {
  EXPECT_EQ(error_of("{\n\"CPUs\": }").rfind("config.json:2: ", 0), 0u);
  EXPECT_EQ(error_of("[]"), "config.json: expected an object");
  EXPECT_EQ(error_of(R"({"Cpuz": "0"})"), "config.json: Cpuz: unknown key");
  EXPECT_EQ(error_of(R"({"CPUs": null})"),
            "config.json: CPUs: expected one value");
  EXPECT_EQ(error_of(R"({"CPUs": ["0"]})"),
            "config.json: CPUs: expected one value");
  EXPECT_EQ(error_of(R"({"MinRunningRatio": 2})"),
            "config.json: MinRunningRatio: expected a number from 0 to 1");
  EXPECT_EQ(error_of(R"({"Service": {}})"),
            "config.json: Service: expected a list");
  EXPECT_EQ(error_of(R"({"Service": [{"Name": "a"}, {"Count": true}]})"),
            "config.json: Service 2: Count: unknown key");
  EXPECT_EQ(error_of(R"({"Batch": [7]})"),
            "config.json: Batch 1: expected an object");
  EXPECT_EQ(error_of(R"({"Batch": [{"Count": "yes"}]})"),
            "config.json: Batch 1: Count: expected true or false, without "
            "quotes");
  EXPECT_EQ(error_of(R"({"Batch": [{"Cgroup": ["/a", 1]}]})")
                .rfind("config.json: Batch 1: Cgroup: expected a glob", 0),
            0u);
  EXPECT_NE(error_of(R"({"CPUs": "0", "CPUs": "1"})"), "");
}

TEST(ConfigJsonTest, ASavedFileIsLoadedAgain) {
  const TemporaryDirectory directory;
  const std::string path = directory / "state/config.json";
  ASSERT_TRUE(save_config(path, unusual_config()));
  EXPECT_EQ(load_config(path).value(), unusual_config());
}

TEST(ConfigJsonTest, LoadingSaysWhichFileIsWrong) {
  const TemporaryDirectory directory;
  const std::string path = directory / "config.json";
  EXPECT_EQ(load_config(path).error().code, ENOENT);
  ASSERT_TRUE(write_atomically(path, "{"));
  EXPECT_EQ(load_config(path).error().what.rfind(path + ":1: ", 0), 0u);
}

TEST(ConfigJsonTest, WhatCannotBeWrittenIsNotSaved) {
  const TemporaryDirectory directory;
  Config config;
  config.counters.cpus = "\xff";
  EXPECT_FALSE(save_config(directory / "config.json", config));
  EXPECT_EQ(load_config(directory / "config.json").error().code, ENOENT);
}

}  // namespace
}  // namespace cpi
