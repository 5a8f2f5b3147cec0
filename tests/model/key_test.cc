#include "model/key.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

namespace cpi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ModelKey here() {
  return {"Xeon 6148", 40,    "on", "cycles,instructions",
          seconds(10), 0.001, "psi"};
}

struct Change {
  const char* field;
  std::function<void(ModelKey&)> apply;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.field; }

class KeyTest : public testing::TestWithParam<Change> {};

TEST_P(KeyTest, AnyOtherFieldIsNamed) {
  ModelKey other = here();
  GetParam().apply(other);
  EXPECT_NE(difference(other, here()).find(GetParam().field),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, KeyTest,
    testing::Values(
        Change{"CPU model", [](ModelKey& key) { key.cpu_model = "EPYC"; }},
        Change{"online CPUs", [](ModelKey& key) { key.online_cpus = 39; }},
        Change{"SMT", [](ModelKey& key) { key.smt = "off"; }},
        Change{"events", [](ModelKey& key) { key.events = "ref-cycles"; }},
        Change{"window", [](ModelKey& key) { key.window = seconds(60); }},
        Change{"bucket", [](ModelKey& key) { key.bucket_width = 0.002; }},
        Change{"wait", [](ModelKey& key) { key.wait_source = "none"; }}));

TEST(KeyDifferenceTest, TheSameKeyFits) {
  EXPECT_EQ(difference(here(), here()), "");
}

TEST(KeyDifferenceTest, WhatARecordingCannotKnowIsNotCompared) {
  ModelKey recorded;
  recorded.window = seconds(10);
  recorded.bucket_width = 0.001;
  EXPECT_EQ(difference(recorded, here()), "");
}

TEST(KeyDifferenceTest, DaemonsNeedNotBePunctual) {
  ModelKey late = here();
  late.window = milliseconds(10'100);
  EXPECT_EQ(difference(late, here()), "");
}

}  // namespace
}  // namespace cpi
