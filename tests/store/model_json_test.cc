#include "store/model_json.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "store/atomic_file.h"
#include "support/models.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using std::chrono::seconds;

ModelFile model_file(int buckets = 50, std::uint64_t seed = 1) {
  ModelFile file;
  file.service = "web";
  file.key = {"Xeon 6148", 40,    "on", "cycles,instructions",
              seconds(10), 0.001, "psi"};
  file.signals[0] = learner_state(buckets, seed);
  file.signals[2] = learner_state(3, seed + 1);
  return file;
}

void expect_near(const Moments& a, const Moments& b) {
  EXPECT_NEAR(a.weight, b.weight, 1e-11 * a.weight);
  EXPECT_NEAR(a.mean, b.mean, 1e-11);
  EXPECT_NEAR(a.m2, b.m2, 1e-11 * (1 + a.m2));
}

void expect_same(const LearnerState& a, const LearnerState& b) {
  ASSERT_EQ(a.buckets.all().size(), b.buckets.all().size());
  for (std::size_t i = 0; i < a.buckets.all().size(); ++i) {
    EXPECT_EQ(a.buckets.all()[i].index, b.buckets.all()[i].index);
    for (const int fold : {0, 1}) {
      expect_near(a.buckets.all()[i].folds[fold],
                  b.buckets.all()[i].folds[fold]);
    }
  }
  expect_near(a.noise, b.noise);
  expect_near(a.persistence, b.persistence);
  EXPECT_EQ(a.observed, b.observed);
  EXPECT_DOUBLE_EQ(a.samples, b.samples);
  EXPECT_DOUBLE_EQ(a.idle_samples, b.idle_samples);
  EXPECT_EQ(a.seeded, b.seeded);
  EXPECT_DOUBLE_EQ(a.deviations, b.deviations);
}

void write_raw(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Text with a valid header around a body that was tampered with.
std::string with_body(const std::function<void(std::string&)>& change) {
  std::string body = body_text(model_file(2));
  change(body);
  return with_header(body);
}

void replace(std::string& text, const std::string& what,
             const std::string& by) {
  const auto found = text.find(what);
  ASSERT_NE(found, std::string::npos) << what;
  text.replace(found, what.size(), by);
}

TEST(ModelTextTest, ReadsBackWhatItWrote) {
  const ModelFile file = model_file();
  const auto read = parse_model(to_text(file));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->service, "web");
  EXPECT_EQ(read->key, file.key);
  ASSERT_TRUE(read->signals[0]);
  EXPECT_FALSE(read->signals[1]);
  expect_same(*read->signals[0], *file.signals[0]);
  expect_same(*read->signals[2], *file.signals[2]);
}

TEST(ModelTextTest, KnowsItsPrograms) {
  ModelFile file = model_file(1);
  file.executables = {"web 1", "web 2"};
  EXPECT_EQ(parse_model(to_text(file))->executables, file.executables);
}

TEST(ModelTextTest, AFileFromBeforeProgramsWereKnownIsRead) {
  const auto read = parse_model(with_body(
      [](std::string& body) { replace(body, R"("executables":[],)", ""); }));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_TRUE(read->executables.empty());
}

TEST(ModelTextTest, AnEmptyModelReadsBack) {
  ModelFile file;
  file.key.bucket_width = 0.001;
  EXPECT_TRUE(parse_model(to_text(file)));
}

TEST(ModelTextTest, AnyTruncationIsRefused) {
  const std::string text = to_text(model_file(5));
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_FALSE(parse_model(text.substr(0, length))) << length;
  }
}

TEST(ModelTextTest, AnyFlippedBitIsRefusedOrMeansTheSame) {
  const ModelFile file = model_file(5);
  const std::string text = to_text(file);
  const std::size_t header = text.find('\n');
  for (std::size_t byte = 0; byte < text.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
      const auto read = parse_model(flipped);
      // The header may be spelt in other ways (a blank for a comma it is not):
      // what it vouches for is then still whole.
      if (byte > header) {
        ASSERT_FALSE(read) << byte;
      } else if (read) {
        expect_same(*read->signals[0], *file.signals[0]);
      }
    }
  }
}

TEST(ModelTextTest, AnotherVersionIsRefusedByName) {
  std::string text = to_text(model_file(1));
  text.replace(text.find("\"version\":1"), 11, "\"version\":2");
  EXPECT_NE(parse_model(text).error().what.find("version"), std::string::npos);
}

TEST(ModelTextTest, TheTamperingHelperItselfIsSound) {
  EXPECT_TRUE(parse_model(with_body([](std::string&) {})));
}

struct Lie {
  const char* what;
  const char* by;
};

class LyingModelTest : public testing::TestWithParam<Lie> {};

TEST_P(LyingModelTest, IsRefusedThoughItsHashIsRight) {
  const std::string text = with_body(
      [](std::string& body) { replace(body, GetParam().what, GetParam().by); });
  EXPECT_FALSE(parse_model(text));
}

INSTANTIATE_TEST_SUITE_P(
    Members, LyingModelTest,
    testing::Values(Lie{"\"bucket_width\":0.001", "\"bucket_width\":0"},
                    Lie{"\"bucket_width\":0.001", "\"bucket_width\":1e-300"},
                    Lie{"\"samples\":20.0", "\"samples\":-1"},
                    Lie{"\"samples\":20.0", "\"samples\":\"many\""},
                    Lie{"\"observed_s\":108000.0", "\"observed_s\":1e300"},
                    Lie{"\"deviations\":3.25", "\"deviations\":0"},
                    Lie{"\"buckets\":2}", "\"buckets\":1}"},
                    Lie{"\"buckets\":2}", "\"buckets\":3}"},
                    Lie{"\"buckets\":2}", "\"buckets\":1e18}"},
                    Lie{"\n0 5 ", "\n-1 5 "}, Lie{"\n0 5 ", "\n5 5 "},
                    Lie{"\n0 5 ", "\n0.5 5 "}, Lie{"\n0 5 ", "\n0 7 5 "},
                    Lie{"\n0 5 ", "\n0 nan "}, Lie{"\n0 5 ", "\n0 -5 "},
                    Lie{"\n0 5 ", "\n\n0 5 "}, Lie{"\n0 5 ", "\n0  5 "},
                    Lie{"\"noise\":[12.0,3.5,0.25]", "\"noise\":[12.0,3.5]"},
                    Lie{"\"noise\":[12.0,3.5,0.25]", "\"noise\":[12,3.5,-1]"},
                    Lie{"\"service\":\"web\"", "\"service\":7"},
                    Lie{"\"seeded\":false", "\"seeded\":0"}));

TEST(ModelPathTest, NamesNeitherCollideNorEscape) {
  EXPECT_EQ(model_path("/d", "like-core_2.x"), "/d/like-core_2.x.model");
  EXPECT_EQ(model_path("/d", "../../etc/x"), "/d/%2E.%2F..%2Fetc%2Fx.model");
  EXPECT_NE(model_path("/d", "a/b"), model_path("/d", "a_b"));
  EXPECT_NE(model_path("/d", "a%2Fb"), model_path("/d", "a/b"));
}

class ModelStoreTest : public testing::Test {
 protected:
  LoadedModel load() { return load_model(directory_.path(), "web", key_); }
  void save(const ModelFile& file) {
    ASSERT_TRUE(save_model(directory_.path(), file));
  }
  std::string path() { return model_path(directory_.path(), "web"); }

  TemporaryDirectory directory_;
  ModelKey key_ = model_file().key;
};

TEST_F(ModelStoreTest, ANewServiceHasNoModelAndNoRemarks) {
  const auto loaded = load();
  EXPECT_FALSE(loaded.file);
  EXPECT_TRUE(loaded.remarks.empty());
}

TEST_F(ModelStoreTest, WhatWasSavedIsLoaded) {
  save(model_file());
  const auto loaded = load();
  ASSERT_TRUE(loaded.file);
  EXPECT_TRUE(loaded.remarks.empty());
}

TEST_F(ModelStoreTest, ADamagedFileIsSetAsideAndThePreviousOneUsed) {
  save(model_file(10));
  save(model_file(20));
  std::filesystem::resize_file(path(), 300);
  const auto loaded = load();
  ASSERT_TRUE(loaded.file);
  EXPECT_EQ(loaded.file->signals[0]->buckets.all().size(), 10u);
  ASSERT_EQ(loaded.remarks.size(), 2u);
  EXPECT_NE(loaded.remarks[0].find("set aside"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path() + ".damaged"));
}

TEST_F(ModelStoreTest, TwoDamagedFilesMeanAFreshStart) {
  save(model_file());
  save(model_file());
  write_raw(path(), "");
  write_raw(path() + ".1", "rubbish\n\n");
  const auto loaded = load();
  EXPECT_FALSE(loaded.file);
  EXPECT_EQ(loaded.remarks.size(), 2u);
  EXPECT_TRUE(load().remarks.empty()) << "it is said once";
}

TEST_F(ModelStoreTest, AModelOfAnotherCpuIsSetAsideWithBothNames) {
  save(model_file());
  key_.cpu_model = "EPYC 7763";
  const auto loaded = load();
  EXPECT_FALSE(loaded.file);
  ASSERT_EQ(loaded.remarks.size(), 1u);
  EXPECT_NE(loaded.remarks[0].find("Xeon 6148"), std::string::npos);
  EXPECT_NE(loaded.remarks[0].find("EPYC 7763"), std::string::npos);
}

TEST_F(ModelStoreTest, AModelThatCannotBeOpenedNowStaysWhereItIs) {
  save(model_file(10));
  save(model_file(20));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto starved = load();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(starved.file);
  EXPECT_TRUE(starved.remarks.empty());
  ASSERT_TRUE(starved.unread);
  EXPECT_EQ(starved.unread->code, EMFILE);
  const auto loaded = load();
  ASSERT_TRUE(loaded.file);
  EXPECT_EQ(loaded.file->signals[0]->buckets.all().size(), 20u);
  EXPECT_FALSE(loaded.unread);
}

TEST_F(ModelStoreTest, AnOlderModelDoesNotStandInForOneThatCannotBeRead) {
  save(model_file(10));
  save(model_file(20));
  std::filesystem::remove(path());
  std::filesystem::create_directory(path());  // reads fail with EISDIR
  const auto loaded = load();
  EXPECT_FALSE(loaded.file);
  ASSERT_TRUE(loaded.unread);
  EXPECT_EQ(loaded.unread->code, EISDIR);
  EXPECT_TRUE(std::filesystem::is_directory(path()));
}

TEST_F(ModelStoreTest, AFullDiskKeepsTheOldModel) {
  save(model_file(10));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // A limit on file size fails a write half way, as a full disk does.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto saved = save_model(directory_.path(), model_file(500));
    ::_exit(!saved && saved.error().code == EFBIG ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const auto loaded = load();
  ASSERT_TRUE(loaded.file);
  EXPECT_EQ(loaded.file->signals[0]->buckets.all().size(), 10u);
  EXPECT_TRUE(loaded.remarks.empty());
  const std::filesystem::directory_iterator entries(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

// A child saves without end; it is killed at some moment of it.
TEST_F(ModelStoreTest, KilledAtAnyMomentASaveLeavesOneModelOrTheOther) {
  save(model_file(10));
  for (int round = 0; round < 40; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int i = 0;; ++i) {
        if (::write(pipe[1], "x", 1) != 1) ::_exit(1);
        if (!save_model(directory_.path(), model_file(i % 2 ? 10 : 300))) {
          ::_exit(1);
        }
      }
    }
    // A different number of saves, and of instructions into the next.
    char byte = 0;
    for (int i = 0; i <= round % 3; ++i) {
      ASSERT_EQ(::read(pipe[0], &byte, 1), 1);
    }
    volatile int spin = round * 20'000;
    while (spin > 0) spin = spin - 1;
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto loaded = load();
    ASSERT_TRUE(loaded.file) << round;
    ASSERT_TRUE(loaded.remarks.empty()) << loaded.remarks[0];
  }
}

TEST_F(ModelStoreTest, AReadOfOneFileSetsNothingAside) {
  write_raw(path(), "rubbish");
  const auto read = read_model(path());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().what.find(path()), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace cpi
