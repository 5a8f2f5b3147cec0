#include "collectd/hands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>

#include "actuate/spawn_actuator.h"
#include "store/atomic_file.h"
#include "support/temporary_directory.h"

namespace cpi {
namespace {

using actuator::Exit;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const CgroupId kJob{1, 7, "/batch/a"};
constexpr char kDone[] = R"({"v":1,"exit":0,"millicores":1000})";
constexpr char kNothing[] = R"({"v":1,"exit":0,"throttles":[],"frozen":0})";

// What the fake helper was asked, and what it says; outlives it.
struct Script {
  std::mutex mutex;
  std::vector<std::string> asked;
  // By the verb's name; absent: done.
  std::map<std::string, Outcome> answers;
  std::string status = kNothing;
  bool answers_at_all = true;
  // While true, every call waits.
  bool slow = false;
  std::condition_variable changed;
  // Whether the state had been saved when the helper was called.
  std::string state_path;
  bool saved_before = true;
};

class FakeActuator final : public Actuator {
 public:
  explicit FakeActuator(Script& script) : script_(script) {}

  Result<Outcome> run(const Command& command) override {
    std::unique_lock lock(script_.mutex);
    std::string words;
    for (const std::string& word : arguments_of(command)) {
      words += (words.empty() ? "" : " ") + word;
    }
    script_.asked.push_back(words);
    script_.changed.notify_all();
    script_.changed.wait(lock, [this] { return !script_.slow; });
    if (!read_file(script_.state_path)) script_.saved_before = false;
    if (!script_.answers_at_all) return fail(ETIMEDOUT, "not done in time");
    if (command.verb == actuator::Verb::status) {
      return Outcome{Exit::done, script_.status, {}};
    }
    const auto answer =
        script_.answers.find(std::string(name_of(command.verb)));
    if (answer != script_.answers.end()) return answer->second;
    return Outcome{Exit::done, kDone, {}};
  }

 private:
  Script& script_;
};

class HandsTest : public testing::Test {
 protected:
  HandsTest() {
    script_.state_path = state_path(directory_.path());
    Means means{std::make_unique<FakeActuator>(script_),
                Aliases({{"batch", "/batch", 1}}),
                [](const std::string& path) {
                  return path == kJob.path ? std::optional(kJob) : std::nullopt;
                },
                {}};
    make(std::move(means));
  }
  void make(std::optional<Means> means) {
    hands_.emplace(
        std::move(means), directory_.path(),
        [this](Severity severity, const std::string& text) {
          const std::lock_guard lock(script_.mutex);
          (severity == Severity::info ? said_ : complained_).push_back(text);
        });
    hands_->news();
  }

  static Action action(Verb verb, bool dry_run = false) {
    Action action{std::move(verb), {}, "train", dry_run};
    action.why.reason = Reason::probe;
    return action;
  }
  static Action lower() { return action(Lower{kJob, 2000, 1000, seconds(9)}); }

  // Hands over, waits until all is done, and says what is new.
  News after(std::vector<Action> actions) {
    hands_->hand_over(actions, state_);
    hands_->stop();
    return hands_->news();
  }

  TemporaryDirectory directory_;
  Script script_;
  std::vector<std::string> said_, complained_;
  StateFile state_{"boot", true, {}};
  std::optional<Hands> hands_;
};

TEST_F(HandsTest, DoesWhatIsDecidedAndSaysSo) {
  const News news = after({lower(), action(Freeze{seconds(60)})});
  EXPECT_THAT(script_.asked, ElementsAre("lower batch/a 1000 --lease 9",
                                         "freeze 60 --reason interference"));
  ASSERT_EQ(news.outcomes.size(), 1u);
  EXPECT_EQ(news.outcomes[0].kind, ActionOutcome::Kind::done);
  EXPECT_EQ(news.outcomes[0].quota, 1000);
  EXPECT_FALSE(news.in_force);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("lower /batch/a from 2 to 1 CPUs"),
                                 HasSubstr("close this host")));
  EXPECT_THAT(complained_, IsEmpty());
}

TEST_F(HandsTest, SavesTheStateBeforeItActs) {
  after({lower()});
  EXPECT_TRUE(script_.saved_before);
  const auto saved = read_file(script_.state_path);
  ASSERT_TRUE(saved);
  EXPECT_EQ(parse_state(*saved)->boot_id, "boot");
}

TEST_F(HandsTest, WhatHasNotChangedIsNotSavedAgain) {
  hands_->hand_over({}, state_);
  hands_->stop();
  ASSERT_TRUE(write_atomically(script_.state_path, "mine"));
  hands_->hand_over({}, state_);
  EXPECT_EQ(*read_file(script_.state_path), "mine");
}

TEST_F(HandsTest, ADryRunIsOnlySaid) {
  const News news = after({action(Lower{kJob, 2000, 1000, seconds(9)}, true)});
  EXPECT_THAT(script_.asked, IsEmpty());
  EXPECT_THAT(news.outcomes, IsEmpty());
  EXPECT_THAT(said_, ElementsAre(HasSubstr("would lower /batch/a")));
}

TEST_F(HandsTest, WithoutMeansNothingIsDone) {
  make(std::nullopt);
  after({lower()});
  EXPECT_THAT(script_.asked, IsEmpty());
}

TEST_F(HandsTest, RenewalsAreNotWorthALine) {
  script_.status = R"({"v":1,"throttles":[{"target":"batch/a","state":"ours",)"
                   R"("millicores":1000,"lease":5}]})";
  after({action(Renew{kJob, 1000, seconds(9)})});
  EXPECT_THAT(script_.asked,
              ElementsAre("status", "lower batch/a 1000 --lease 9"));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(HandsTest, AMoveIsARequestToOthers) {
  after({action(Reschedule{kJob})});
  EXPECT_THAT(script_.asked, IsEmpty());
  EXPECT_THAT(said_, ElementsAre(HasSubstr("moved to another host")));
}

TEST_F(HandsTest, AfterAFailureItLooksWhatIsInForce) {
  script_.answers["lower"] = {Exit::busy, "{}", "the lock is held"};
  script_.status =
      R"({"v":1,"exit":0,"frozen":30,"throttles":[)"
      R"({"target":"batch/a","state":"ours","millicores":1500,"lease":5},)"
      R"({"target":"batch/b","state":"ours","millicores":1500,"lease":5},)"
      R"({"target":"","state":"ours","millicores":1500,"lease":5}]})";
  const News news = after({lower()});
  ASSERT_EQ(news.outcomes.size(), 1u);
  EXPECT_EQ(news.outcomes[0].kind, ActionOutcome::Kind::failed);
  ASSERT_TRUE(news.in_force);
  EXPECT_EQ(news.in_force->frozen, seconds(30));
  ASSERT_EQ(news.in_force->throttles.size(), 1u);
  EXPECT_EQ(news.in_force->throttles[0].cgroup, kJob);
  EXPECT_EQ(news.in_force->throttles[0].quota, 1500);
  EXPECT_THAT(complained_, ElementsAre(HasSubstr("the lock is held")));
}

// Each call of one that hangs lasts seconds, and so would the daemon's end.
TEST_F(HandsTest, AHelperThatDoesNotAnswerIsNotAskedAgainAtOnce) {
  script_.answers_at_all = false;
  const News news = after({lower(), lower(), action(Freeze{seconds(60)}),
                           action(Renew{kJob, 1000, seconds(9)})});
  EXPECT_EQ(script_.asked.size(), 1u);
  ASSERT_EQ(news.outcomes.size(), 3u);
  for (const ActionOutcome& outcome : news.outcomes) {
    EXPECT_EQ(outcome.kind, ActionOutcome::Kind::failed);
  }
}

class SlowHandsTest : public HandsTest {
 protected:
  // Busy with a freeze, until it may go on.
  SlowHandsTest() {
    script_.slow = true;
    hands_->hand_over({action(Freeze{seconds(60)})}, state_);
    std::unique_lock lock(script_.mutex);
    script_.changed.wait(lock, [this] { return !script_.asked.empty(); });
  }
  // What the helper was asked for after the freeze.
  std::vector<std::string> asked_after() {
    {
      const std::lock_guard lock(script_.mutex);
      script_.slow = false;
    }
    script_.changed.notify_all();
    hands_->stop();
    return {script_.asked.begin() + 1, script_.asked.end()};
  }
  void decide(Verb verb) {
    hands_->hand_over({action(std::move(verb))}, state_);
  }
};

TEST_F(SlowHandsTest, OnlyTheLatestQuotaIsSetWhenTheHelperIsSlow) {
  for (const int quota : {1000, 500, 250}) {
    decide(Lower{kJob, 2000, quota, seconds(9)});
  }
  EXPECT_THAT(asked_after(), ElementsAre("lower batch/a 250 --lease 9"));
}

TEST_F(SlowHandsTest, ARenewalOfWhatIsStillToBeSetSaysNothingNew) {
  decide(Lower{kJob, 2000, 1000, seconds(9)});
  decide(Renew{kJob, 1000, seconds(9)});
  EXPECT_THAT(asked_after(), ElementsAre("lower batch/a 1000 --lease 9"));
}

TEST_F(SlowHandsTest, WhatIsGivenBackIsGivenBackBeforeItIsTakenAgain) {
  for (int i = 0; i < 3; ++i) {
    decide(Release{kJob, 1000});
    decide(Lower{kJob, 2000, 1000, seconds(9)});
  }
  EXPECT_THAT(asked_after(),
              ElementsAre("release batch/a", "lower batch/a 1000 --lease 9"));
}

TEST_F(HandsTest, AFailureIsSaidOnceUntilItIsOver) {
  script_.answers["lower"] = {Exit::budget, "{}", "too many"};
  after({lower(), lower(), lower()});
  EXPECT_EQ(complained_.size(), 1u);
}

// `cpictl release`, or an administrator with the helper itself.
TEST_F(HandsTest, WhatSomebodyHasGivenBackIsTheirs) {
  script_.answers["raise"] = {Exit::done, R"({"v":1,"exit":0})", {}};
  const News news = after({action(Raise{kJob, 1000, 1200, seconds(9)}),
                           action(Renew{kJob, 1200, seconds(9)})});
  ASSERT_EQ(news.outcomes.size(), 2u);
  for (const ActionOutcome& outcome : news.outcomes) {
    EXPECT_EQ(outcome.kind, ActionOutcome::Kind::foreign);
  }
  EXPECT_THAT(script_.asked,
              ElementsAre("raise batch/a 1200 --lease 9", "status"));
}

TEST_F(HandsTest, WhatRootDoesNotAllowIsRefusedWithoutAsking) {
  const CgroupId other{1, 9, "/other/a"};
  const News news = after({action(Lower{other, 2000, 1000, seconds(9)})});
  ASSERT_EQ(news.outcomes.size(), 1u);
  EXPECT_EQ(news.outcomes[0].kind, ActionOutcome::Kind::refused);
  EXPECT_THAT(script_.asked, ElementsAre("status"));
  EXPECT_THAT(complained_, ElementsAre(HasSubstr("actuator.json")));
}

TEST_F(HandsTest, WhatIsInForceAtTheStartIsTheFirstNews) {
  Means means{std::make_unique<FakeActuator>(script_), {}, {}, {}};
  means.in_force.frozen = seconds(5);
  Hands hands(std::move(means), directory_.path(),
              [](Severity, const std::string&) {});
  const News news = hands.news();
  ASSERT_TRUE(news.in_force);
  EXPECT_EQ(news.in_force->frozen, seconds(5));
  EXPECT_FALSE(hands.news().in_force);
}

TEST_F(HandsTest, NewDecisionsOutdateWhatWasSeenBefore) {
  Means means{std::make_unique<FakeActuator>(script_),
              Aliases({{"batch", "/batch", 1}}),
              {},
              {}};
  Hands hands(std::move(means), directory_.path(),
              [](Severity, const std::string&) {});
  hands.hand_over({lower()}, state_);
  EXPECT_FALSE(hands.news().in_force);
}

TEST(MeansTest, WithoutAHelperThereAreNone) {
  const TemporaryDirectory directory;
  ActuateConfig config;
  config.helper = directory / "nothing";
  const auto means = means_of(config, {});
  ASSERT_FALSE(means);
  EXPECT_THAT(means.error().message(), HasSubstr("nothing"));
}

}  // namespace
}  // namespace cpi
