// The format as plugin/store/README.md tells it: its example is a model, and a
// reader that knows no more than that page finds in a model what was written.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "store/journal.h"
#include "store/json.h"
#include "store/model_json.h"
#include "support/models.h"

namespace cpi {
namespace {

// The indented lines that begin with the one that starts so.
std::string example_in(const std::string& page, const std::string& start) {
  const std::string indent = "    ";
  std::istringstream lines(page);
  std::string example;
  for (std::string line; std::getline(lines, line);) {
    const bool wanted = !example.empty() || line.starts_with(indent + start);
    if (wanted && !line.starts_with(indent)) break;
    if (wanted) example += line.substr(indent.size()) + "\n";
  }
  return example;
}

std::string page() {
  std::ifstream file(SOURCE_ROOT "/plugin/store/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(FormatPageTest, ItsExampleIsAModel) {
  const std::string example = example_in(page(), R"({"format")");
  const auto model = parse_model(example);
  ASSERT_TRUE(model) << model.error().message() << "\n" << example;
  EXPECT_EQ(model->service, "web");
  EXPECT_EQ(to_text(*model), example);
}

TEST(FormatPageTest, NamesEveryMember) {
  const std::string text = page();
  ModelFile file;
  file.signals[0] = learner_state(1);
  const std::string body = body_text(file);
  const auto json = parse_json(body.substr(0, body.find('\n')));
  const auto named = [&](const char* name) {
    return text.find(std::string("`") + name + "`") != std::string::npos ||
           text.find(std::string("`key.") + name + "`") != std::string::npos ||
           text.find(std::string("\"") + name + "\"") != std::string::npos;
  };
  const char* name = nullptr;
  json_t* member = nullptr;
  json_object_foreach(json->get(), name, member) {
    EXPECT_TRUE(named(name)) << name;
  }
  json_t* learner =
      json_object_get(json_object_get(json->get(), "signals"), "cpi");
  json_object_foreach(learner, name, member) {
    EXPECT_TRUE(named(name)) << name;
  }
  JournalEntry entry;
  entry.event = JournalEntry::Event::incident;
  const auto line = parse_json(to_line(entry));
  json_object_foreach(line->get(), name, member) {
    EXPECT_TRUE(named(name)) << name;
  }
}

TEST(FormatPageTest, AReaderThatKnowsOnlyThePageFindsTheSums) {
  ModelFile file;
  file.service = "web";
  file.key.bucket_width = 0.001;
  file.signals[0] = learner_state(40, 3);
  file.signals[2] = learner_state(2, 4);
  const std::string text = to_text(file);

  std::istringstream lines(text);
  std::string header;
  std::string about;
  std::getline(lines, header);
  const std::string rest = text.substr(header.size() + 1);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char byte : rest) hash = (hash ^ byte) * 0x100000001b3;
  char expected[64];
  std::snprintf(expected, sizeof expected,
                "\"length\":%zu,\"fnv1a\":\"%016lx\"", rest.size(),
                static_cast<unsigned long>(hash));
  EXPECT_NE(header.find(expected), std::string::npos) << header;

  std::getline(lines, about);
  double weight = 0;
  double sum = 0;
  int rows = 0;
  int index = 0;
  double a[6];
  for (; rows < 40 && lines >> index; ++rows) {
    for (double& number : a) lines >> number;
    EXPECT_EQ(index, rows);
    weight += a[0] + a[3];
    sum += a[0] * a[1] + a[3] * a[4];
  }
  double own_weight = 0;
  double own_sum = 0;
  for (const Bucket& bucket : file.signals[0]->buckets.all()) {
    own_weight += bucket.all().weight;
    own_sum += bucket.all().weight * bucket.all().mean;
  }
  EXPECT_DOUBLE_EQ(weight, own_weight);
  EXPECT_NEAR(sum, own_sum, 1e-9);
}

}  // namespace
}  // namespace cpi
