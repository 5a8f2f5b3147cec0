#include "store/saver.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "store/atomic_file.h"
#include "support/models.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

ModelFile model(const std::string& service, int buckets) {
  ModelFile file;
  file.service = service;
  file.key.bucket_width = 0.001;
  file.signals[0] = learner_state(buckets);
  return file;
}

class SaverTest : public testing::Test {
 protected:
  Saver saver(const std::string& directory) {
    return {
        directory, Journal(directory_ / "journal", 1 << 20),
        [this](Severity, const std::string& text) { log_.push_back(text); }};
  }
  std::size_t saved_buckets(const std::string& service) {
    const auto file = read_model(model_path(directory_.path(), service));
    return file ? file->signals[0]->buckets.all().size() : 0;
  }

  TemporaryDirectory directory_;
  std::vector<std::string> log_;
};

TEST_F(SaverTest, WritesWhatItWasGivenThoughStoppedAtOnce) {
  Saver saver = this->saver(directory_.path());
  saver.save(model("web", 3));
  saver.save(model("db", 4));
  saver.record("line\n");
  saver.stop();
  saver.run();
  EXPECT_EQ(saved_buckets("web"), 3u);
  EXPECT_EQ(saved_buckets("db"), 4u);
  EXPECT_EQ(read_file(directory_ / "journal").value(), "line\n");
  EXPECT_TRUE(log_.empty());
}

TEST_F(SaverTest, OnlyTheNewestSnapshotOfAServiceIsWritten) {
  Saver saver = this->saver(directory_.path());
  for (int buckets = 1; buckets < 10; ++buckets) {
    saver.save(model("web", buckets));
  }
  saver.stop();
  saver.run();
  EXPECT_EQ(saved_buckets("web"), 9u);
  // It was the only one: there is no previous generation.
  EXPECT_FALSE(read_file(model_path(directory_.path(), "web") + ".1"));
}

TEST_F(SaverTest, AThreadOfItsOwnWritesUntilItIsStopped) {
  Saver saver = this->saver(directory_.path());
  std::thread thread([&] { saver.run(); });
  for (int i = 0; i < 100; ++i) saver.record(std::to_string(i) + "\n");
  saver.save(model("web", 5));
  saver.stop();
  thread.join();
  EXPECT_EQ(saved_buckets("web"), 5u);
  const std::string journal = read_file(directory_ / "journal").value();
  EXPECT_EQ(journal.substr(journal.size() - 4), "\n99\n");
}

TEST_F(SaverTest, WhatCannotBeSavedIsSaidOnce) {
  ASSERT_TRUE(write_atomically(directory_ / "file", ""));
  Saver saver = this->saver(directory_ / "file");
  saver.save(model("web", 1));
  saver.stop();
  saver.run();
  saver.save(model("web", 2));
  saver.run();
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_NE(log_[0].find("web"), std::string::npos);
}

TEST_F(SaverTest, AnExceptionIsSaidAndIsNotTheEnd) {
  ASSERT_TRUE(write_atomically(directory_ / "file", ""));
  int calls = 0;
  Saver saver(directory_ / "file", Journal(directory_ / "journal", 1 << 20),
              [&](Severity, const std::string& text) {
                if (++calls == 1) throw std::runtime_error("boom");
                log_.push_back(text);
              });
  saver.save(model("web", 1));  // complains, which throws
  saver.stop();
  saver.run();
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_EQ(log_[0], "something is not saved: boom");
  saver.record("line\n");
  saver.run();
  EXPECT_EQ(read_file(directory_ / "journal").value(), "line\n");
  EXPECT_EQ(log_.back(), "everything is saved again");
}

TEST_F(SaverTest, ALogThatAlwaysThrowsEndsNothing) {
  ASSERT_TRUE(write_atomically(directory_ / "file", ""));
  Saver saver(directory_ / "file", Journal(directory_ / "journal", 1 << 20),
              [](Severity, const std::string&) { throw 7; });
  saver.save(model("web", 1));
  saver.stop();
  saver.run();
  saver.record("line\n");
  saver.run();
  EXPECT_EQ(read_file(directory_ / "journal").value(), "line\n");
}

TEST_F(SaverTest, TooManyLinesAreLostLoudly) {
  Saver saver = this->saver(directory_.path());
  for (int i = 0; i < 10'005; ++i) saver.record("x\n");
  saver.stop();
  saver.run();
  EXPECT_EQ(read_file(directory_ / "journal")->size(), 20'000u);
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_NE(log_[0].find("loses"), std::string::npos);
}

}  // namespace
}  // namespace cpi
