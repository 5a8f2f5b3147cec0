#include "store/state_json.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const CgroupId kVictim{3, 1, "/web"};
const CgroupId kJob{3, 18446744073709551615u, "/batch/ü \"7\""};

Instant at(int minute) { return Instant(hours(100) + minutes(minute)); }

// Everything differs from its default.
StateFile full() {
  StateFile file;
  file.boot_id = "b00t";
  file.act = true;
  PolicyState& state = file.state;
  state.throttles.add({kJob, "train", kVictim, 500, 1000, 2000,
                       Reason::explains, at(1), at(2), at(3), true});
  Record record;
  record.cgroup = kJob;
  record.harmful = 1000;
  record.hold = minutes(30);
  record.hold_until = at(31);
  record.guilts = {{{kVictim, Signal::cpu_wait}, at(99), true, 2}};
  record.unthrottled = {{{kVictim, Signal::cpu_wait}, {3.5, 12}}};
  record.present = true;
  record.hands_off_until = at(4);
  record.adjustments = {at(1), at(2)};
  record.reschedules = {at(2)};
  record.throttled = {{at(0), at(1)}, {at(1), at(2)}};
  state.records.add(record);
  state.exonerations.push_back(
      {{kVictim, Signal::cpu_wait}, kJob, at(40), at(50)});
  Case plaintiff;
  plaintiff.service = "web";
  plaintiff.victim = kVictim;
  plaintiff.signal = Signal::cpu_wait;
  plaintiff.deviation = 0.1;  // not representable: every bit counts
  plaintiff.began = at(1);
  plaintiff.harmed = at(2);
  plaintiff.spent[1] = {at(1), 3};
  plaintiff.acted = plaintiff.told = true;
  plaintiff.froze = true;
  plaintiff.inquiries[1] = {true, true, true, at(30), {3.25, 60}};
  Trial trial;
  trial.suspects = {kJob, kVictim};
  trial.reason = Reason::all_together;
  trial.correlation = -0.25;
  trial.stands_out = trial.doubtful = trial.proven = true;
  trial.signal = Signal::cpu_wait;
  trial.before = {4.5, 20};
  trial.held = {{kJob, 2000, 4000}};
  trial.cuts = 2;
  trial.narrowed = at(20);
  trial.unmeasured = 1;
  plaintiff.trial = trial;
  state.cases.add(plaintiff);
  state.frozen_until = at(40);
  state.seed = 0xfedcba9876543210u;
  return file;
}

StateFile again(const StateFile& file) {
  return parse_state(to_text(file)).value();
}

bool is_refused(const std::string& members) {
  return !parse_state(R"({"format": "collectd-cpi state", "version": 1, )" +
                      members + "}");
}

TEST(StateJsonTest, EveryMemberSurvives) {
  // Text by text: whatever was written the first time is written again.
  EXPECT_EQ(to_text(again(full())), to_text(full()));
  EXPECT_NE(to_text(full()), to_text(StateFile{}));
}

TEST(StateJsonTest, NumbersAndTimesSurviveExactly) {
  const StateFile file = again(full());
  const Throttle& throttle = file.state.throttles[0];
  EXPECT_EQ(throttle.cgroup, kJob);
  EXPECT_EQ(throttle.cgroup.path, kJob.path);
  EXPECT_EQ(throttle.leased_until, at(3));
  EXPECT_EQ(throttle.reason, Reason::explains);
  EXPECT_EQ(file.state.seed, 0xfedcba9876543210u);
  EXPECT_NEAR(file.state.cases[0].deviation, 0.1, 1e-12);
  ASSERT_TRUE(file.state.cases[0].trial);
  EXPECT_EQ(file.state.cases[0].trial->suspects.size(), 2u);
  EXPECT_EQ(file.state.cases[0].spent[1].effects, 3);
}

TEST(StateJsonTest, AnEmptyStateSurvives) {
  const StateFile file = again({"boot", false, {}});
  EXPECT_EQ(file.boot_id, "boot");
  EXPECT_FALSE(file.act);
  EXPECT_TRUE(file.state.throttles.empty());
}

TEST(StateJsonTest, AMissingMemberKeepsItsDefault) {
  const auto file = parse_state(
      R"({"format": "collectd-cpi state", "version": 1, "records": [{}]})");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->state.records.size(), 1u);
}

TEST(StateJsonTest, WhatNoPolicyHoldsIsRefused) {
  EXPECT_FALSE(is_refused(R"("throttles": [{"quota": 5}])"));
  EXPECT_TRUE(is_refused(R"("throttles": [{"quota": -5}])"));
  EXPECT_TRUE(is_refused(R"("throttles": [{"quota": "5"}])"));
  EXPECT_TRUE(is_refused(R"("throttles": [{"reason": 99}])"));
  EXPECT_TRUE(is_refused(R"("throttles": [{"reason": -1}])"));
  EXPECT_TRUE(is_refused(R"("throttles": [7])"));
  EXPECT_TRUE(is_refused(R"("throttles": {})"));
  EXPECT_TRUE(
      is_refused(R"("records": [{"guilts": [{"proofs": 5000000000}]}])"));
  EXPECT_TRUE(is_refused(R"("frozen_until": 9223372036854775807)"));
  EXPECT_TRUE(is_refused(R"("frozen_until": -1)"));
  EXPECT_TRUE(is_refused(R"("cases": [{"spent": [{}]}])"));
  EXPECT_TRUE(is_refused(R"("act": 1)"));
}

TEST(StateJsonTest, OtherFilesAreRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"format": "collectd-cpi state", "version": 2})",
        R"({"format": "collectd-cpi model", "version": 1})"}) {
    EXPECT_FALSE(parse_state(text)) << text;
  }
}

TEST(StateJsonTest, AContainerWhoseNameJsonCannotHoldIsForgotten) {
  StateFile file = full();
  file.state.throttles.begin()->cgroup.path = "/\xff";
  EXPECT_TRUE(again(file).state.throttles.empty());
  EXPECT_EQ(again(file).state.records.size(), 1u);
}

TEST(StateJsonTest, TheBootHasAName) {
  EXPECT_EQ(read_boot_id().size(), 36u);
  EXPECT_EQ(read_boot_id(), read_boot_id());
}

}  // namespace
}  // namespace cpi
