#include "store/json.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "store/config_json.h"
#include "store/journal.h"
#include "store/model_json.h"
#include "store/records_json.h"
#include "support/models.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using std::chrono::seconds;

int g_until_failure = 0;  // allocations; 0: none fails
bool g_failed = false;

void* failing_malloc(std::size_t size) {
  if (g_until_failure == 0 || --g_until_failure > 0) return std::malloc(size);
  g_failed = true;
  return nullptr;
}

// Each test runs with every single allocation of jansson's failing in turn.
class JsonMemoryTest : public testing::Test {
 protected:
  void SetUp() override { watch_json(failing_malloc, std::free); }
  void TearDown() override {
    g_until_failure = 0;
    watch_json(std::malloc, std::free);
  }

  // Calls `attempt` until it comes through without a failure; how often. It
  // has to call relieve() before it checks what happened.
  static int starve(const std::function<void()>& attempt) {
    constexpr int kEnough = 2000;
    for (int at = 1; at < kEnough; ++at) {
      g_failed = false;
      g_until_failure = at;
      attempt();
      if (!g_failed) return at;
    }
    ADD_FAILURE() << "it never ends";
    return 0;
  }
  static void relieve() { g_until_failure = 0; }

  static ModelFile model_file() {
    ModelFile file;
    file.service = "a service with a name that outgrows any first buffer";
    file.key = {"Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz",
                40,
                "on",
                "cycles,instructions",
                seconds(10),
                0.001,
                "psi"};
    file.signals[0] = learner_state(5, 1);
    return file;
  }

  TemporaryDirectory directory_;
};

TEST_F(JsonMemoryTest, AModelIsReadWholeOrNotAtAll) {
  const std::string text = to_text(model_file());
  const int attempts = starve([&] {
    const auto read = parse_model(text);
    relieve();
    EXPECT_EQ(read.has_value(), !g_failed);
    if (read) {
      EXPECT_EQ(to_text(*read), text);
    } else {
      EXPECT_EQ(read.error().code, ENOMEM) << read.error().message();
    }
  });
  EXPECT_GT(attempts, 50);
}

TEST_F(JsonMemoryTest, AGoodModelIsNotSetAsideWhereMemoryIsShort) {
  const ModelFile file = model_file();
  ASSERT_TRUE(save_model(directory_ / "", file));
  const std::string path = model_path(directory_ / "", file.service);
  starve([&] {
    const auto loaded = load_model(directory_ / "", file.service, file.key);
    relieve();
    EXPECT_EQ(loaded.file.has_value(), !g_failed);
    EXPECT_EQ(loaded.unread.has_value(), g_failed);
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_TRUE(loaded.remarks.empty());
  });
}

TEST_F(JsonMemoryTest, AModelIsWrittenWholeOrNotAtAll) {
  const ModelFile file = model_file();
  ASSERT_TRUE(save_model(directory_ / "", file));
  const int attempts = starve([&] {
    const auto saved = save_model(directory_ / "", file);
    relieve();
    EXPECT_EQ(saved.has_value(), !g_failed);
    EXPECT_TRUE(read_model(model_path(directory_ / "", file.service)));
  });
  EXPECT_GT(attempts, 50);
}

TEST_F(JsonMemoryTest, AJournalLineIsWrittenWholeOrNotAtAll) {
  JournalEntry entry;
  entry.event = JournalEntry::Event::incident;
  entry.service = "a service with a name that outgrows any first buffer";
  const std::string whole = to_line(entry);
  const int attempts = starve([&] {
    const std::string line = to_line(entry);
    EXPECT_EQ(line, g_failed ? "" : whole);
  });
  EXPECT_GT(attempts, 20);
}

TEST_F(JsonMemoryTest, AConfigurationIsReadAndWrittenWholeOrNotAtAll) {
  Config config;
  config.services.push_back({"web", {{Selector::Kind::glob, "/web/*"}}});
  const std::string whole = *config_to_json(config);
  starve([&] {
    const auto text = config_to_json(config);
    EXPECT_EQ(text.has_value(), !g_failed);
    EXPECT_TRUE(text ? *text == whole : text.error().code == ENOMEM);
  });
  starve([&] {
    const auto read = config_from_json(whole, "config.json");
    EXPECT_EQ(read.has_value(), !g_failed);
    EXPECT_TRUE(read ? *read == config : read.error().code == ENOMEM);
  });
}

TEST_F(JsonMemoryTest, RecordsAreWrittenWholeOrNotAtAll) {
  const std::vector<Record> records = {{{"name", "value"}}};
  const std::string whole = *records_to_json(records);
  starve([&] {
    const auto text = records_to_json(records);
    EXPECT_EQ(text.has_value(), !g_failed);
    EXPECT_TRUE(text ? *text == whole : text.error().code == ENOMEM);
  });
}

}  // namespace
}  // namespace cpi
