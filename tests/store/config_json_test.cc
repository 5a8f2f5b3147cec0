#include "store/config_json.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "base/options.h"
#include "store/atomic_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

Declaration unusual_declaration() {
  Declaration declared;
  declared.model = "like-core-v2";
  declared.business = "推荐";
  declared.pool = "gpu";
  declared.owners = {"zhang", "li"};
  declared.cc = {"wang"};
  declared.cpu = 0.1;
  declared.memory = 85'899'345'921;
  declared.max_qps = 8.5;
  declared.gpu_memory = 16'000'000'000;
  declared.gpu_utilization = 0.703;
  declared.machines = 40;
  declared.average_qps = 200;
  declared.peak_qps = 300;
  declared.requests_per_day = 15'000'000;
  declared.regions = {{"HK", 3}, {"EU", 2}, {"AM", 1.5}};
  declared.git_url = "https://git.example.com/x";
  declared.traffic_source = "feed";
  declared.traffic_owner = "zhao";
  declared.growth = "10%";
  declared.purpose = "ranking";
  declared.remark = "none";
  declared.fields = {{"SLA", "99.9%"}, {"SLA", "again"}};
  declared.success_rate = 0.9989;
  declared.restarts = RestartThreshold{2, std::chrono::seconds(90)};
  declared.min_requests = 7;
  declared.memory_warning = 0.85;
  declared.metrics = {"a/b", "a/c", "a/d", "a/e"};
  return declared;
}

// Differs from the defaults in every option.
Config unusual_config() {
  Config config;
  config.counters = {"ref-cycles", "r00c0:u", std::chrono::milliseconds(1300),
                     "0-3,8", "/pods"};
  config.sampler = {0.123456789012345, 42};
  config.report = {false, false, false, false, false, false,
                   false, false, false, false, true};
  config.state_dir = "/var/lib/ü \"quoted\"";
  config.application_to = "capacity@example.com";
  config.services = {{"web",
                      {{Selector::Kind::glob, "/web*"},
                       {Selector::Kind::regex, "^\\/docker\\/[0-9a-f]+$"},
                       {Selector::Kind::deployment, "prod/web"}},
                      "/seed",
                      "a/latency"},
                     {"empty", {}}};
  config.services.front().declaration = unusual_declaration();
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

TEST(ConfigJsonTest, WhatIsNotDeclaredIsNotWritten) {
  Config config;
  config.services = {{"web", {{Selector::Kind::glob, "/web"}}}};
  const std::string text = config_to_json(config).value();
  EXPECT_EQ(text.find("\"GPUMemory\":"), std::string::npos) << text;
  EXPECT_EQ(text.find("\"Owner\":"), std::string::npos);
}

TEST(ConfigJsonTest, AMisfittingDeclarationIsNamed) {
  EXPECT_EQ(error_of(R"({"Service": [{"Memory": 80}]})"),
            "config.json: Service 1: Memory: expected an amount of memory such "
            "as \"80GB\" (10^9) or \"80GiB\" (2^30)");
  EXPECT_EQ(error_of(R"({"Service": [{"Owner": "zhang"}]})"),
            "config.json: Service 1: Owner: expected a list");
  EXPECT_EQ(error_of(R"({"Service": [{"Region": [["HK", null]]}]})"),
            "config.json: Service 1: Region: expected plain values");
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
