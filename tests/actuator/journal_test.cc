// The journal as a file: what is written is read again, what was not written by
// us is not read.
#include "actuator/journal.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace cpi::actuator {
namespace {

BootId boot(const char* text = "11111111-2222-3333-4444-555555555555") {
  BootId boot_id{};
  EXPECT_TRUE(boot_id.assign(text));
  return boot_id;
}

std::string dump(const Journal& journal) {
  std::string json(kMaxJournalBytes, '\0');
  json.resize(dump_journal(journal, boot(), json.data(), json.size()));
  return json;
}

bool parse(const std::string& json, Journal* journal) {
  return parse_journal(json, boot(), journal);
}

std::unique_ptr<Journal> full_journal() {
  auto journal = std::make_unique<Journal>();
  Entry* entry = journal->entries.push();
  EXPECT_TRUE(entry->path.assign("kubepods/pod-1/c0"));
  entry->identity = {29, 0xFFFFFFFFFFFFFFF0};
  entry->original = {kUnlimited, 100000, 5000};
  entry->previous_us = 50000;
  entry->next_us = 25000;
  entry->since = 100;
  entry->deadline = 160;
  entry->follower = true;
  EXPECT_TRUE(entry->reapplied.spend(150, 3));
  Freeze& freeze = journal->freeze;
  freeze.on = true;
  freeze.deadline = 500;
  EXPECT_TRUE(freeze.reason.assign("noisy"));
  EXPECT_TRUE(
      freeze.pods.push()->assign("0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"));
  Held* held = freeze.held.push();
  EXPECT_TRUE(held->path.assign("kubepods"));
  held->identity = {30, 7};
  held->original = 12;
  journal->freeze_ended = 44;
  EXPECT_TRUE(journal->spent.spend(120, 256));
  return journal;
}

TEST(Journal, ReadsWhatItWrote) {
  auto journal = full_journal();
  std::string json = dump(*journal);
  auto again = std::make_unique<Journal>();
  ASSERT_TRUE(parse(json, again.get())) << json;
  EXPECT_EQ(json, dump(*again));
  const Entry& entry = again->entries.items[0];
  EXPECT_EQ("kubepods/pod-1/c0", entry.path.view());
  EXPECT_EQ(0xFFFFFFFFFFFFFFF0, entry.identity.inode);
  EXPECT_EQ(kUnlimited, entry.original.quota_us);
  EXPECT_EQ(50000, entry.previous_us);
  EXPECT_TRUE(entry.follower);
  EXPECT_EQ(1U, entry.reapplied.times.size);
  EXPECT_TRUE(again->freeze.on);
  EXPECT_EQ(12, again->freeze.held.items[0].original);
}

TEST(Journal, TheLargestOneFitsItsFile) {
  auto journal = full_journal();
  const Entry entry = journal->entries.items[0];
  while (Entry* place = journal->entries.push()) {
    *place = entry;
    std::string number = std::to_string(1000 + journal->entries.size);
    ASSERT_TRUE(place->path.assign("p/" + std::string(248, 'c') + number));
    place->identity = {~0ULL / 3, ~0ULL / 3};
    place->original = {INT64_MAX / 4096, 1'000'000, INT64_MAX};
    place->previous_us = place->next_us = INT64_MAX / 4096;
    place->since = place->deadline = INT64_MAX / 4;
    while (place->reapplied.spend(INT64_MAX / 4, kMaxReapplied)) {
    }
  }
  while (journal->spent.spend(1'000'000'000, 256)) {
  }
  const PodUid pod = journal->freeze.pods.items[0];
  while (PodUid* place = journal->freeze.pods.push()) *place = pod;
  std::string json = dump(*journal);
  EXPECT_GT(json.size(), 90'000U);
  auto again = std::make_unique<Journal>();
  EXPECT_TRUE(parse(json, again.get()));
}

TEST(Journal, OfAnotherBootIsEmpty) {
  std::string json = dump(*full_journal());
  auto journal = std::make_unique<Journal>();
  BootId other = boot("99999999-2222-3333-4444-555555555555");
  ASSERT_TRUE(parse_journal(json, other, journal.get()));
  EXPECT_EQ(0U, journal->entries.size);
  EXPECT_FALSE(journal->freeze.on);
}

TEST(Journal, NoPrefixOfOneIsOne) {
  std::string json = dump(*full_journal());
  auto journal = std::make_unique<Journal>();
  for (std::size_t size = 0; size < json.size(); ++size)
    EXPECT_FALSE(parse(json.substr(0, size), journal.get())) << size;
}

TEST(Journal, NoFieldMayBeMissingOrOfAnotherType) {
  const std::string json = dump(*full_journal());
  auto journal = std::make_unique<Journal>();
  for (const char* key :
       {"v",    "boot_id", "entries",  "path",         "dev",
        "ino",  "quota",   "period",   "burst",        "previous",
        "next", "since",   "deadline", "reapplied",    "reason",
        "pods", "held",    "original", "freeze_ended", "spent"}) {
    std::string quoted = std::string("\"") + key + "\"";
    std::string missing = json;
    missing.replace(missing.find(quoted), quoted.size(), "\"zzz\"");
    EXPECT_FALSE(parse(missing, journal.get())) << key;
  }
}

TEST(Journal, NoPathInItLeadsElsewhere) {
  for (const char* path : {"../x", "/x", "a//b", "a/.", "a b", ""}) {
    std::string json = dump(*full_journal());
    std::string good = "kubepods/pod-1/c0";
    json.replace(json.find(good), good.size(), path);
    auto journal = std::make_unique<Journal>();
    EXPECT_FALSE(parse(json, journal.get())) << path;
  }
}

TEST(Journal, ListsParentsBeforeWhatIsBelowThem) {
  auto journal = full_journal();
  for (const char* path : {"kubepods/pod-1", "a/b", "kubepods", "a"}) {
    Entry* entry = journal->entries.push();
    *entry = journal->entries.items[0];
    ASSERT_TRUE(entry->path.assign(path));
  }
  auto again = std::make_unique<Journal>();
  ASSERT_TRUE(parse(dump(*journal), again.get()));
  std::string paths;
  for (const Entry& entry : again->entries)
    paths += std::string(entry.path.view()) + " ";
  EXPECT_EQ("a a/b kubepods kubepods/pod-1 kubepods/pod-1/c0 ", paths);
}

TEST(Journal, WithOneCgroupTwiceIsNone) {
  auto journal = full_journal();
  const Entry entry = journal->entries.items[0];
  *journal->entries.push() = entry;
  EXPECT_FALSE(parse(dump(*journal), std::make_unique<Journal>().get()));
}

TEST(PerHour, NeverHoldsMoreThanItsMostWithinAnHour) {
  PerHour<256> events{};
  int passed = 0;
  for (Seconds now = 1; now <= 4 * kHour; now += 7) {
    passed += events.spend(now, 20) ? 1 : 0;
    int within = 0;
    for (Seconds time : events.times) within += time > now - kHour ? 1 : 0;
    ASSERT_LE(within, 20);
  }
  EXPECT_EQ(80, passed);
}

}  // namespace
}  // namespace cpi::actuator
