#include "chronicle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/samples.h"

namespace cpi {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kNowMs = 1'700'049'600'000;
constexpr Instant kNow{std::chrono::seconds(5000)};
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr Duration kHalfHour = std::chrono::minutes(30);

Finding finding(Signal signal, double value, double expected) {
  Finding finding;
  finding.score.signal = signal;
  finding.score.value = value;
  finding.score.expected = expected;
  finding.score.standard_deviation = 0.1;
  finding.score.deviation = (value - expected) / 0.1;
  finding.score.deviations = 3;
  finding.score.basis = Basis::buckets;
  finding.score.learning = Learning::ready;
  finding.score.anomaly = finding.score.deviation > 3;
  return finding;
}

class ChronicleTest : public testing::Test {
 protected:
  // A replica with this CPI, where 2 is normal.
  void replica(double cpi, ino_t inode = 1) {
    Sample sample = sample_at(kNow, kWindow, 0.25, cpi, inode);
    sample.cpu_wait = 0.5;
    sample.running_ratio = 0.9;
    samples_.services.push_back(sample);
    judgements_.push_back({});
    judgements_.back().findings[0] = finding(Signal::cpi, cpi, 2);
  }
  void write() {
    for (std::size_t i = 0; i < judgements_.size(); ++i) {
      judgements_[i].sample = &samples_.services[i];
    }
    chronicle_.write({now_, nullptr, &samples_, &judgements_, &suspects_,
                      &decision_, &policy_},
                     kNowMs);
  }
  [[nodiscard]] const WindowRecord& window() {
    return chronicle_.page().windows.front().record;
  }

  Chronicle chronicle_{{"db", "web"}};
  Samples samples_;
  std::vector<Judgement> judgements_;
  Incident incident_;
  Instant now_ = kNow;
  std::vector<Suspect> suspects_;
  Decision decision_;
  PolicyState policy_;
};

TEST_F(ChronicleTest, AWindowHasWhatWasMeasuredAndExpected) {
  replica(2.5);
  chronicle_.latency("web", 10);
  chronicle_.latency("web", 20);
  chronicle_.latency("nobody", 99);
  write();
  ASSERT_THAT(chronicle_.page().windows, SizeIs(1));
  EXPECT_EQ(chronicle_.page().windows[0].service, 1U);
  EXPECT_EQ(window().time_ms, kNowMs);
  EXPECT_EQ(window().length_ms, 10'000U);
  EXPECT_FLOAT_EQ(window().usage, 0.25F);
  EXPECT_FLOAT_EQ(window().value, 2.5F);
  EXPECT_FLOAT_EQ(window().deviation(), 5);
  EXPECT_FLOAT_EQ(window().latency, 15);
  EXPECT_FLOAT_EQ(window().running_ratio, 0.9F);
  EXPECT_TRUE(std::isnan(window().throttled));
  EXPECT_EQ(window().flags, WindowRecord::kAnomaly);
}

TEST_F(ChronicleTest, OfSeveralReplicasTheWorstIsRemembered) {
  replica(2, 1);
  replica(4, 2);
  replica(3, 3);
  write();
  ASSERT_THAT(chronicle_.page().windows, SizeIs(1));
  EXPECT_FLOAT_EQ(window().value, 4);
  EXPECT_EQ(window().replicas, 3);
}

TEST_F(ChronicleTest, LatencyOfOneWindowIsNotThatOfTheNext) {
  replica(2);
  chronicle_.latency("web", 10);
  write();
  chronicle_.page().clear();
  write();
  EXPECT_TRUE(std::isnan(window().latency));
}

TEST_F(ChronicleTest, WhatNothingIsExpectedOfHasNoBand) {
  replica(2.5);
  judgements_[0].findings[0]->score.basis = Basis::none;
  write();
  EXPECT_FLOAT_EQ(window().value, 2.5F);
  EXPECT_TRUE(std::isnan(window().expected));
}

TEST_F(ChronicleTest, ASampleWithoutAVerdictIsRememberedNevertheless) {
  replica(2.5);
  judgements_[0].findings[0].reset();
  write();
  EXPECT_FLOAT_EQ(window().value, 2.5F);
  EXPECT_FLOAT_EQ(window().cpu_wait, 0.5F);
}

TEST_F(ChronicleTest, NsPerInstructionIsScoredWhereCpiIsNot) {
  replica(2.5);
  judgements_[0].findings[1] = finding(Signal::ns_per_instruction, 0.7, 0.6);
  judgements_[0].findings[0].reset();
  write();
  EXPECT_FLOAT_EQ(window().value, 0.7F);
  EXPECT_TRUE(window().has(WindowRecord::kNsPerInstruction));
}

TEST_F(ChronicleTest, AnIncidentIsAnEventWhenItOpensAndWhenItCloses) {
  replica(4);
  incident_.onset = kNow - 6 * kWindow;
  incident_.victim.path = "/web1";
  incident_.incident_class = IncidentClass::severe;
  incident_.deviation = 20;
  auto& found = *judgements_[0].findings[0];
  found.incident = &incident_;
  found.change = Change::opened;
  write();
  found.change = Change::none;
  write();
  found.change = Change::recovered;
  write();
  const HistoryPage& page = chronicle_.page();
  ASSERT_THAT(page.events, SizeIs(2));
  const EventRecord& opened = page.events[0].record;
  EXPECT_EQ(opened.kind, EventRecord::Kind::opened);
  EXPECT_EQ(opened.time_ms, kNowMs);
  EXPECT_EQ(opened.incident_ms, kNowMs - 60'000);
  EXPECT_EQ(text_of(opened.cgroup), "/web1");
  EXPECT_EQ(opened.incident_class, 2);
  EXPECT_EQ(page.events[1].record.kind, EventRecord::Kind::closed);
  ASSERT_THAT(page.totals, SizeIs(1));
  EXPECT_EQ(page.totals[0].record.incidents, 1);
  EXPECT_TRUE(page.windows[0].record.has(WindowRecord::kIncident));
  EXPECT_TRUE(page.windows[1].record.has(WindowRecord::kIncident));
  EXPECT_FALSE(page.windows[2].record.has(WindowRecord::kIncident));
}

Action action(const Verb& verb, bool dry_run = false) {
  Action action;
  action.verb = verb;
  action.why.reason = Reason::explains;
  action.why.service = "web";
  action.why.signal = Signal::cpu_wait;
  action.workload = "training";
  action.dry_run = dry_run;
  return action;
}

TEST_F(ChronicleTest, EveryActionIsAnEventAndCounted) {
  const CgroupId pod{1, 7, "/k/pod"};
  decision_.actions = {
      action(Lower{pod, 4000, 2000, {}}), action(Raise{pod, 2000, 2400, {}}),
      action(Release{pod, 3600}),         action(Reschedule{pod}),
      action(Freeze{kHalfHour}),          action(Thaw{})};
  write();
  const auto& events = chronicle_.page().events;
  ASSERT_THAT(events, SizeIs(6));
  const EventRecord& lowered = events[0].record;
  EXPECT_EQ(events[0].service, 1U);
  EXPECT_EQ(lowered.kind, EventRecord::Kind::lowered);
  EXPECT_EQ(lowered.time_ms, kNowMs);
  EXPECT_EQ(lowered.before, 4);
  EXPECT_EQ(lowered.after, 2);
  EXPECT_EQ(lowered.signal, 2);
  EXPECT_EQ(text_of(lowered.reason), to_string(Reason::explains));
  EXPECT_EQ(text_of(lowered.workload), "training");
  EXPECT_EQ(text_of(lowered.cgroup), "/k/pod");
  EXPECT_EQ(events[2].record.kind, EventRecord::Kind::released);
  EXPECT_TRUE(std::isnan(events[2].record.after));
  EXPECT_EQ(events[4].record.after, 1800);
  TotalRecord sum;
  for (const auto& [service, total] : chronicle_.page().totals) sum += total;
  EXPECT_EQ(sum.lowered, 1);
  EXPECT_EQ(sum.raised, 2);
  EXPECT_EQ(sum.rescheduled, 1);
}

TEST_F(ChronicleTest, RenewalsAndWhatConcernsNobodyAreNoNews) {
  Action other = action(Lower{});
  other.why.service = "other";
  decision_.actions = {action(Renew{}), other};
  write();
  EXPECT_THAT(chronicle_.page().events, IsEmpty());
}

TEST_F(ChronicleTest, WhatOnlyWouldBeDoneIsAnEventButNotCounted) {
  decision_.actions = {action(Lower{}, true), action(Freeze{kHalfHour}, true)};
  policy_.frozen_until = kNow + kHalfHour;
  write();
  decision_ = {};
  write();
  ASSERT_THAT(chronicle_.page().events, SizeIs(2));
  EXPECT_TRUE(chronicle_.page().events[0].record.has(EventRecord::kDryRun));
  EXPECT_THAT(chronicle_.page().totals, IsEmpty());
}

TEST_F(ChronicleTest, FrozenTimeIsTheServicesThatCausedItWhileItLasts) {
  decision_.actions = {action(Freeze{kHalfHour})};
  policy_.frozen_until = kNow + std::chrono::seconds(25);
  write();
  decision_ = {};
  for (int i = 0; i < 5; ++i) {
    now_ += kWindow;
    write();
  }
  int seconds = 0;
  for (const auto& [service, total] : chronicle_.page().totals) {
    EXPECT_EQ(service, 1U);
    seconds += total.frozen_s;
  }
  EXPECT_EQ(seconds, 25);
}

TEST_F(ChronicleTest, SuspectsAreWrittenOncePerIncidentUpToTheTenth) {
  replica(4);
  incident_.onset = kNow - kWindow;
  judgements_[0].findings[0]->incident = &incident_;
  write();
  EXPECT_THAT(chronicle_.page().events, IsEmpty());
  suspects_.resize(30);
  for (std::size_t i = 0; i < 30; ++i) {
    suspects_[i].cgroup.path = "/k/" + std::to_string(i);
    suspects_[i].explains = i == 0;
    suspects_[i].cpus = 2;
  }
  write();
  write();
  const auto& events = chronicle_.page().events;
  ASSERT_THAT(events, SizeIs(10));
  EXPECT_EQ(text_of(events[3].record.cgroup), "/k/3");
  EXPECT_TRUE(events[0].record.has(EventRecord::kExplains));
  EXPECT_FALSE(events[1].record.has(EventRecord::kExplains));
  EXPECT_EQ(events[1].record.incident_ms, kNowMs - 10'000);
  incident_.onset = kNow;
  write();
  EXPECT_THAT(events, SizeIs(20));
}

TEST_F(ChronicleTest, AFalseAlarmIsAnEventOfItsOwn) {
  replica(2);
  auto& found = *judgements_[0].findings[0];
  found.incident = &incident_;
  found.change = Change::recovered;
  found.refuted = true;
  write();
  const auto& events = chronicle_.page().events;
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[1].record.kind, EventRecord::Kind::refuted);
  ASSERT_THAT(chronicle_.page().totals, SizeIs(1));
  EXPECT_EQ(chronicle_.page().totals[0].record.refuted, 1);
}

TEST_F(ChronicleTest, ServicesThatNobodyAskedForAreLeftOut) {
  replica(2);
  samples_.services[0].workload = "other";
  write();
  EXPECT_THAT(chronicle_.page().windows, IsEmpty());
}

}  // namespace
}  // namespace cpi
