#include "collectd/notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "collectd/samples.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

using Metadata = std::map<std::string, std::variant<std::string, double>>;

class NoticesTest : public testing::Test {
 protected:
  NoticesTest() {
    why_.reason = Reason::explains;
    why_.service = "web";
    why_.victim = sample_.cgroup;
    why_.signal = Signal::cpi;
    why_.deviation = 5;
    why_.correlation = 0.6;
    Finding finding;
    finding.score.signal = Signal::cpi;
    finding.score.value = 3;
    finding.score.expected = 2;
    Judgement judgement;
    judgement.sample = &sample_;
    judgement.findings[0] = finding;
    judgements_ = {judgement};
  }

  void notice(Notice::Kind kind) { decision_.notices = {{kind, why_, kJob}}; }
  void action(Verb verb, bool dry_run = false) {
    decision_.actions.push_back({std::move(verb), why_, "train", dry_run});
  }

  // The one notification of this tick.
  const Notification& told() {
    Tick tick;
    tick.judgements = &judgements_;
    tick.decision = &decision_;
    const auto all = notifications_of(tick, services_, switched_off_);
    EXPECT_EQ(all.size(), 1u);
    told_ = all.at(0);
    metadata_ = Metadata(told_.metadata.begin(), told_.metadata.end());
    return told_;
  }
  std::string text(const std::string& key) {
    return std::get<std::string>(metadata_.at(key));
  }
  double number(const std::string& key) {
    return std::get<double>(metadata_.at(key));
  }

  const CgroupId kJob{1, 7, "/batch/a"};
  Sample sample_ = sample_of("web", "/web");
  Why why_;
  std::vector<Judgement> judgements_;
  Decision decision_;
  std::vector<ServiceConfig> services_;
  bool switched_off_ = false;
  Notification told_;
  Metadata metadata_;
};

TEST_F(NoticesTest, HarmIsAWarningWithAllThatIsKnown) {
  notice(Notice::Kind::harmed);
  action(Lower{kJob, 4000, 2000, seconds(120)});
  EXPECT_EQ(told().alert, Alert::warning);
  EXPECT_EQ(told_.instance, "service_web");
  EXPECT_EQ(told_.type_instance, "incident");
  EXPECT_THAT(told_.message,
              HasSubstr("web: interference: 3 cycles per instruction, "
                        "expected 2 (+5.0 standard deviations); lower /batch/a "
                        "from 4 to 2 CPUs"));
  EXPECT_EQ(text("service"), "web");
  EXPECT_EQ(text("cgroup"), "/web");
  EXPECT_EQ(number("cpi"), 3);
  EXPECT_EQ(number("expected"), 2);
  EXPECT_EQ(number("deviation"), 5);
  EXPECT_EQ(text("suspect"), "/batch/a");
  EXPECT_EQ(text("workload"), "train");
  EXPECT_EQ(number("correlation"), 0.6);
  EXPECT_EQ(text("action"), "lower");
  EXPECT_EQ(number("quota_before"), 4);
  EXPECT_EQ(number("quota_after"), 2);
}

TEST_F(NoticesTest, TheOwnersOfTheServiceAreNamed) {
  ServiceConfig other{"db", {}};
  other.declaration.owners = {"carol"};
  ServiceConfig web{"web", {}};
  web.declaration.owners = {"alice", "bob\n"};
  services_ = {other, web};
  notice(Notice::Kind::harmed);
  told();
  EXPECT_EQ(text("owner"), "alice, bob\\x0a");
}

TEST_F(NoticesTest, AServiceWithoutOwnersNamesNone) {
  services_ = {ServiceConfig{"web", {}}};
  notice(Notice::Kind::recovered);
  told();
  EXPECT_FALSE(metadata_.contains("owner"));
}

TEST_F(NoticesTest, WithoutAnActionThereIsNoSuspect) {
  notice(Notice::Kind::harmed);
  told();
  EXPECT_FALSE(metadata_.contains("suspect"));
  EXPECT_FALSE(metadata_.contains("action"));
}

TEST_F(NoticesTest, WhatIsDoneForOthersIsNotToldHere) {
  notice(Notice::Kind::harmed);
  action(Lower{kJob, 4000, 2000, seconds(120)});
  decision_.actions[0].why.victim = {9, 9, "/db"};
  told();
  EXPECT_FALSE(metadata_.contains("suspect"));
}

TEST_F(NoticesTest, AMoveIsAFailureAndNamesTheFreeze) {
  notice(Notice::Kind::rescheduled);
  action(Reschedule{kJob});
  action(Freeze{seconds(1800)});
  EXPECT_EQ(told().alert, Alert::failure);
  EXPECT_EQ(text("action"), "reschedule");
  EXPECT_EQ(text("suspect"), "/batch/a");
  EXPECT_EQ(number("freeze_seconds"), 1800);
}

TEST_F(NoticesTest, AMoveToAHostThatIsFrozenAlreadyNamesNone) {
  notice(Notice::Kind::rescheduled);
  action(Reschedule{kJob});
  told();
  EXPECT_FALSE(metadata_.contains("freeze_seconds"));
}

// Handlers act on "reschedule" alone.
TEST_F(NoticesTest, ADryRunFailsNobodyAndSaysWould) {
  notice(Notice::Kind::rescheduled);
  action(Reschedule{kJob}, true);
  EXPECT_EQ(told().alert, Alert::warning);
  EXPECT_EQ(text("action"), "would reschedule");
}

TEST_F(NoticesTest, WhileActingIsSwitchedOffNobodyIsAskedToMoveAnything) {
  switched_off_ = true;
  notice(Notice::Kind::rescheduled);
  action(Reschedule{kJob});
  EXPECT_EQ(told().alert, Alert::warning);
  EXPECT_EQ(text("action"), "would reschedule");
  EXPECT_THAT(told_.message, HasSubstr("would"));
}

TEST_F(NoticesTest, TheEndIsOkay) {
  notice(Notice::Kind::recovered);
  EXPECT_EQ(told().alert, Alert::okay);
  EXPECT_THAT(told_.message, HasSubstr("as expected again"));
  EXPECT_FALSE(metadata_.contains("cpi"));
}

TEST_F(NoticesTest, TheServicesOwnChangeIsCalledThat) {
  why_.reason = Reason::own_doing;
  notice(Notice::Kind::harmed);
  EXPECT_THAT(told().message, HasSubstr("changed by itself"));
}

TEST_F(NoticesTest, AVictimThatWasNotMeasuredHasNoValue) {
  why_.victim = {8, 8, "/other"};
  notice(Notice::Kind::harmed);
  told();
  EXPECT_FALSE(metadata_.contains("cpi"));
  EXPECT_EQ(number("deviation"), 5);
}

}  // namespace
}  // namespace cpi
