// cpictl's commands on recordings and models, as they are typed.
#include "cli/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "store/journal.h"
#include "store/json.h"
#include "store/model_json.h"
#include "support/random.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() {
    std::ofstream file(trace_);
    file << "id,timestamp_s,cpu_usage,cpi,scenario\n";
    Random random(3);
    int second = 1000;
    for (int run = 0; run < 12; ++run) {
      const bool disturbed = run % 4 == 3;
      for (int i = 0; i < 40; ++i) {
        const double usage = random.uniform(0.1, 0.2);
        const double normal = (1.5 - usage) * (1 + 0.03 * random.normal());
        file << "web," << (second += 10) << "," << usage << ","
             << normal * (disturbed ? 1.5 : 1) << ","
             << (disturbed ? "cache" : "none") << "\n";
      }
      if (!disturbed) second += 1000;
    }
  }

  // Runs `cpictl ARGUMENTS`; the output and the error go into members.
  int run(const std::vector<std::string>& arguments) {
    CLI::App app;
    int status = 0;
    for (const auto add : {add_replay, add_train, add_model, add_evaluate}) {
      add(app, status);
    }
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    std::fflush(stdout);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }
  [[nodiscard]] std::string model() const {
    return model_path(directory_.path(), "web");
  }
  void train() {
    ASSERT_EQ(run({"train", trace_, "--output", directory_.path(), "--where",
                   "scenario=none"}),
              0)
        << err_;
  }

  TemporaryDirectory directory_;
  std::string trace_ = directory_ / "t.csv";
  std::string out_;
  std::string err_;
};

TEST_F(CommandsTest, ReplayTellsAnomaliesAndIncidentsInTheOrderOfTime) {
  ASSERT_EQ(run({"replay", trace_}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("web                  anomaly"),
                          HasSubstr("INCIDENT  cpi"), HasSubstr("recovered"),
                          HasSubstr("480 samples, ")));
  EXPECT_LT(out_.find("INCIDENT"), out_.find("recovered"));
}

TEST_F(CommandsTest, ReplaySpeaksTheJournalsLanguage) {
  ASSERT_EQ(run({"replay", trace_, "--json"}), 0) << err_;
  std::istringstream lines(out_);
  int incidents = 0;
  std::string last;
  for (std::string line; std::getline(lines, line); last = line) {
    const auto entry = parse_line(line);
    if (!entry) continue;
    EXPECT_EQ(entry->service, "web");
    incidents += entry->event == JournalEntry::Event::incident;
  }
  EXPECT_EQ(incidents, 3);
  EXPECT_THAT(last, AllOf(StartsWith(R"({"event":"end")"),
                          HasSubstr(R"("samples":480)"),
                          HasSubstr(R"("incidents":3)")));
}

TEST_F(CommandsTest, ReplayStartsFromTrainedModels) {
  train();
  ASSERT_EQ(run({"replay", trace_, "--models", directory_.path()}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(" 3 incidents"));
}

TEST_F(CommandsTest, ReplayNamesTheModelThatIsMissingAndHowToMakeIt) {
  EXPECT_EQ(run({"replay", trace_, "--models", "/nonexistent"}), 1);
  EXPECT_THAT(err_, AllOf(HasSubstr("/nonexistent/web.model"),
                          HasSubstr("make one with cpictl train --output")));
}

TEST_F(CommandsTest, TrainMakesAModelOfEachService) {
  train();
  EXPECT_EQ(out_, "web: 360 samples, " + model() + "\n");
  const auto file = read_model(model());
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->key.window, std::chrono::seconds(10));
}

TEST_F(CommandsTest, ACommandNamesWhatItCannotUse) {
  EXPECT_EQ(run({"train", directory_ / "no.csv"}), 1);
  EXPECT_THAT(err_, HasSubstr("no.csv: No such file"));
  EXPECT_EQ(run({"train", trace_, "--where", "scenario"}), 1);
  EXPECT_THAT(err_, HasSubstr("expected COLUMN=VALUE"));
  EXPECT_EQ(run({"train", trace_, "--where", "scenari=none"}), 1);
  EXPECT_THAT(err_, AllOf(HasSubstr(trace_), HasSubstr("its columns are")));
  EXPECT_EQ(run({"train", trace_, "--where", "scenario=nil"}), 1);
  EXPECT_THAT(err_, HasSubstr("no row has scenario nil"));
  EXPECT_EQ(run({"evaluate", trace_, "--labels", "label"}), 1);
  EXPECT_THAT(err_, HasSubstr("its columns are scenario"));
  EXPECT_EQ(
      run({"evaluate", trace_, "--labels", "scenario", "--baseline", "idle"}),
      1);
  EXPECT_THAT(err_, HasSubstr("no run has scenario idle"));
  EXPECT_EQ(run({"model", "show", trace_}), 1);
  EXPECT_THAT(err_, HasSubstr(trace_));
}

TEST_F(CommandsTest, ModelShowPrintsWhatIsExpectedAtEachUsage) {
  train();
  ASSERT_EQ(run({"model", "show", model()}), 0) << err_;
  EXPECT_THAT(out_,
              AllOf(HasSubstr("web on an unknown CPU"),
                    HasSubstr("cpi: 360 samples in"), HasSubstr("line 1.")));
}

TEST_F(CommandsTest, ModelShowSpeaksJson) {
  train();
  ASSERT_EQ(run({"model", "show", "--json", model()}), 0) << err_;
  const auto json = parse_json(out_);
  ASSERT_TRUE(json) << json.error().message() << out_;
  const json_t* first = json_array_get(json->get(), 0);
  EXPECT_EQ(string_in(first, "service"), "web");
  const json_t* cpi = json_object_get(json_object_get(first, "signals"), "cpi");
  EXPECT_EQ(number_in(cpi, "samples"), 360);
  const json_t* bucket = json_array_get(json_object_get(cpi, "buckets"), 0);
  EXPECT_NEAR(*number_in(bucket, "usage"), 0.1, 0.01);
  EXPECT_NEAR(*number_in(bucket, "expected"), 1.4, 0.05);
}

TEST_F(CommandsTest, ModelsMergeInAnyOrderAndDiffTellsThemApart) {
  train();
  const std::string both = directory_ / "both";
  const std::string again = directory_ / "again";
  ASSERT_EQ(run({"train", trace_, "--output", directory_ / "all"}), 0);
  const std::string other = model_path(directory_ / "all", "web");
  ASSERT_EQ(run({"model", "merge", model(), other, "--output", both}), 0);
  ASSERT_EQ(run({"model", "merge", other, model(), "--output", again}), 0);
  EXPECT_EQ(run({"model", "diff", both, again}), 0) << out_;
  EXPECT_EQ(out_, "");
  EXPECT_EQ(run({"model", "diff", model(), other}), 1);
  EXPECT_THAT(out_, HasSubstr("cpi at 0.1"));
  EXPECT_THAT(out_, EndsWith("σ\n"));
}

TEST_F(CommandsTest, TrainAndModelDiffSpeakJson) {
  const std::string all = directory_ / "all";
  ASSERT_EQ(run({"train", trace_, "--output", all, "--json"}), 0);
  const auto trained = parse_json(out_);
  ASSERT_TRUE(trained) << trained.error().message() << out_;
  const json_t* web = json_array_get(trained->get(), 0);
  EXPECT_EQ(number_in(web, "samples"), 480);
  const std::string file = *string_in(web, "file");
  EXPECT_EQ(file, model_path(all, "web"));

  ASSERT_EQ(run({"model", "diff", "--json", file, file}), 0);
  EXPECT_THAT(out_, StartsWith(R"({"equal":true,)"));
  train();
  ASSERT_EQ(run({"model", "diff", "--json", model(), file}), 1);
  const auto json = parse_json(out_);
  ASSERT_TRUE(json) << json.error().message() << out_;
  const json_t* first =
      json_array_get(json_object_get(json->get(), "differences"), 0);
  EXPECT_EQ(string_in(first, "signal"), "cpi");
  EXPECT_NEAR(*number_in(json_object_get(first, "first"), "expected"), 1.4,
              0.05);
  EXPECT_GT(*number_in(first, "deviations"), 0.5);
}

TEST_F(CommandsTest, ModelsOfDifferentKeysAreNotMerged) {
  train();
  auto file = *read_model(model());
  file.key.cpu_model = "another";
  ASSERT_TRUE(write_model(directory_ / "a", file));
  file.key.cpu_model = "CPU";
  ASSERT_TRUE(write_model(directory_ / "b", file));
  EXPECT_EQ(run({"model", "merge", directory_ / "a", directory_ / "b",
                 "--output", directory_ / "c"}),
            1);
  EXPECT_THAT(err_, HasSubstr("CPU model: CPU, here another"));
  EXPECT_FALSE(read_model(directory_ / "c"));
}

TEST_F(CommandsTest, EvaluateTellsFalseAndFoundIncidents) {
  ASSERT_EQ(run({"evaluate", trace_, "--labels", "scenario"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("Undisturbed: none of column scenario"),
                          HasSubstr("held-out baselines       9       0.0%"),
                          HasSubstr("cache                    9     100.0%")));
}

TEST_F(CommandsTest, EvaluateSpeaksJson) {
  ASSERT_EQ(run({"evaluate", trace_, "--labels", "scenario", "--json"}), 0);
  const auto json = parse_json(out_);
  ASSERT_TRUE(json) << json.error().message() << out_;
  const json_t* results = json_object_get(json->get(), "results");
  ASSERT_EQ(json_array_size(results), 2U);
  const json_t* cache = json_array_get(results, 1);
  EXPECT_EQ(string_in(cache, "label"), "cache");
  const json_t* ours = json_array_get(json_object_get(cache, "judges"), 0);
  EXPECT_EQ(number_in(ours, "found"), 9);
}

TEST_F(CommandsTest, WithoutLabelsTheFirstHalfJudgesTheSecond) {
  ASSERT_EQ(run({"evaluate", trace_}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("incidents in 0.03 service-days"));
}

}  // namespace
}  // namespace cpi
