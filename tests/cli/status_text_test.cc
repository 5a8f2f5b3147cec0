#include "cli/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace cpi {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class StatusTextTest : public testing::Test {
 protected:
  StatusTextTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    facts_.now = Instant(minutes(1000));
    facts_.wall_s = 1'000'000'000;  // 2001-09-09 01:46:40 UTC
    facts_.boot_id = "boot";
    facts_.state->boot_id = "boot";
    facts_.state->act = true;
  }

  Throttle& throttle() {
    Throttle throttle;
    throttle.cgroup = {1, 7, "/batch/a"};
    throttle.victim = {1, 1, "/web"};
    throttle.reason = Reason::explains;
    throttle.quota = 500;
    throttle.start = 4000;
    throttle.since = facts_.now - minutes(5);
    throttle.leased_until = facts_.now + minutes(1);
    return facts_.state->state.throttles.add(throttle);
  }
  std::string text() const { return status_text(facts_); }

  StatusFacts facts_;
};

TEST_F(StatusTextTest, AThrottleIsSaidWithWhySinceWhenAndUntilWhen) {
  throttle();
  EXPECT_THAT(text(), HasSubstr("Acting."));
  EXPECT_THAT(text(), HasSubstr("Throttled:\n  /batch/a at 0.5 of 4 CPUs: its "
                                "CPU use goes with the harm\n"));
  EXPECT_THAT(text(), HasSubstr("for /web, since 2001-09-09 01:41:40, until "
                                "2001-09-09 01:47:40 unless renewed"));
}

TEST_F(StatusTextTest, ADryRunSaysWould) {
  throttle();
  facts_.state->act = false;
  EXPECT_THAT(text(), HasSubstr("Would be throttled:\n  /batch/a"));
}

TEST_F(StatusTextTest, WhatADeadAgentLeftIsOverWithItsLease) {
  throttle().leased_until = facts_.now - seconds(1);
  EXPECT_THAT(text(), Not(HasSubstr("/batch/a")));
  EXPECT_THAT(text(), HasSubstr("Throttled:\n  nothing"));
}

TEST_F(StatusTextTest, AFreezeIsSaidWhileItLasts) {
  EXPECT_THAT(text(), Not(HasSubstr("Closed")));
  facts_.state->state.frozen_until = facts_.now + minutes(10);
  EXPECT_THAT(text(), HasSubstr("Closed to new batch containers until "
                                "2001-09-09 01:56:40"));
}

TEST_F(StatusTextTest, AStateOfAnotherBootMeansNothing) {
  throttle();
  facts_.boot_id = "another";
  EXPECT_THAT(text(), Not(HasSubstr("/batch/a")));
  EXPECT_THAT(text(), HasSubstr("has not run since"));
}

TEST_F(StatusTextTest, EpisodesIncidentsAndModelsAreListed) {
  Case one;
  one.service = "web";
  one.victim = {1, 1, "/web"};
  one.signal = Signal::cpu_wait;
  one.deviation = 9.06;
  facts_.state->state.cases.add(one);
  JournalEntry entry;
  entry.event = JournalEntry::Event::incident;
  entry.time_s = facts_.wall_s - 60;
  entry.service = "web";
  entry.incident_class = "strong";
  facts_.incidents.push_back(entry);
  facts_.models = {{"web", 1200, minutes(300), facts_.wall_s - 30},
                   {"new", 0, {}, 0}};
  EXPECT_THAT(text(), HasSubstr("web (/web): starvation, +9.1 standard"));
  EXPECT_THAT(text(), HasSubstr("2001-09-09 01:45:40  web cpi: strong"));
  EXPECT_THAT(text(), HasSubstr("web: 1200 samples of 5.0 h, saved 30 s ago"));
  EXPECT_THAT(text(), HasSubstr("new: none saved yet"));
}

TEST_F(StatusTextTest, TheHelperIsQuotedOrItsRefusalIs) {
  EXPECT_THAT(text(), HasSubstr("Helper: not asked"));
  HelperReply reply;
  reply.budget_left = 100;
  reply.frozen = seconds(90);
  reply.enforced = "hook";
  reply.throttles.push_back(
      {"batch/a", LiveThrottle::State::foreign, 500, 0, seconds(30)});
  facts_.helper = reply;
  EXPECT_THAT(text(), HasSubstr("holds 1 throttles, 100 changes left; frozen "
                                "for 90 s, by hook"));
  EXPECT_THAT(text(), HasSubstr("batch/a at 0.5 CPUs for 30 s, changed since"));
}

TEST_F(StatusTextTest, WithoutAStateTheRestIsSaidNevertheless) {
  facts_.state = fail(2, "open state.json");
  EXPECT_THAT(text(), HasSubstr("open state.json"));
  EXPECT_THAT(text(), HasSubstr("Models:"));
}

}  // namespace
}  // namespace cpi
