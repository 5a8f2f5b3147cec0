// `restore --expired` as root's timer runs it: every so often, whatever the
// state of things, without a terminal and perhaps without a configuration.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

class Timer : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    parent.emplace(kParent);
    for (std::optional<CpuCgroup>* pod : {&early, &late}) {
      pod->emplace(kParent + (pod == &early ? "/early" : "/late"));
      (*pod)->set_quota(90000);
    }
    configure(config_text("", R"(, "longest_lease": 7200)"));
    EXPECT_EQ(code(Exit::done), lower("early", "60"));
    EXPECT_EQ(code(Exit::done), lower("late", "3600"));
  }
  void TearDown() override {
    early.reset();
    late.reset();
    parent.reset();
    ActuatorSite::TearDown();
  }
  int lower(const std::string& pod, const std::string& lease) {
    return call({"lower", "batch/" + pod, "400", "--lease", lease}).exit;
  }
  Ending tick() { return as_root({"restore", "--expired"}); }
  // As if `seconds` had passed: every deadline that much earlier.
  void pass(long seconds) {
    const std::string key = "\"deadline\":";
    std::string text = journal();
    for (std::size_t at = text.find(key); at != std::string::npos;
         at = text.find(key, at + 1)) {
      std::size_t begin = at + key.size();
      std::size_t end = text.find_first_of(",}", begin);
      long time = std::atol(text.substr(begin, end - begin).c_str());
      text.replace(begin, end - begin,
                   std::to_string(std::max(0L, time - seconds)));
    }
    ASSERT_TRUE(write_file(kPrefix + "/run/journal.json", text));
  }
  static ino_t journal_inode() {
    struct stat found {};
    ::stat((kPrefix + "/run/journal.json").c_str(), &found);
    return found.st_ino;
  }

  std::optional<CpuCgroup> parent, early, late;
};

TEST_F(Timer, NothingExpiredNothingIsWritten) {
  ino_t before = journal_inode();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(before, journal_inode());
  EXPECT_EQ(2U, throttles());
}

TEST_F(Timer, OnlyWhatHasExpiredIsReleased) {
  pass(61);
  Ending ending = tick();
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_NE(std::string::npos, ending.out.find("\"restored\":1,"));
  EXPECT_EQ(90000, early->quota());
  EXPECT_EQ(40000, late->quota());
  EXPECT_EQ(1U, throttles());
  pass(3600);
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(90000, late->quota());
}

TEST_F(Timer, ARenewedLeaseHasNotExpired) {
  pass(59);
  EXPECT_EQ(code(Exit::done), lower("early", "60"));
  pass(30);
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(40000, early->quota());
}

TEST_F(Timer, AThrottleAndAFreezeExpireEachOnItsOwn) {
  EXPECT_EQ(code(Exit::done), call({"freeze", "1800", "--reason", "x"}).exit);
  pass(61);
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(90000, early->quota());
  EXPECT_NE(std::string::npos, journal().find("\"freeze\":"));
  pass(1800);
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(std::string::npos, journal().find("\"freeze\":"));
  EXPECT_EQ(40000, late->quota());
}

TEST_F(Timer, WhatIsGoneIsForgottenWithoutAComplaint) {
  early->remove();
  pass(61);
  Ending ending = tick();
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_NE(std::string::npos, ending.out.find("\"gone\":1,")) << ending.out;
  EXPECT_EQ(1U, throttles());
}

TEST_F(Timer, AForeignValueIsReportedOnceAndTheRestReleased) {
  early->set_quota(33000);
  pass(3601);
  EXPECT_EQ(code(Exit::foreign), tick().exit);
  EXPECT_EQ(33000, early->quota());
  EXPECT_EQ(90000, late->quota());
  EXPECT_EQ(code(Exit::done), tick().exit);
}

TEST_F(Timer, WhatCannotBePutBackYetIsTriedAgain) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 does not refuse";
  parent->set_quota(50000);  // somebody else's, under the original below
  pass(61);
  EXPECT_EQ(code(Exit::incomplete), tick().exit);
  EXPECT_EQ(40000, early->quota());
  EXPECT_EQ(2U, throttles());
  parent->set_quota(-1);
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(90000, early->quota());
}

TEST_F(Timer, ItWorksWithoutAConfigurationAndWhileDisabled) {
  ::unlink((kPrefix + "/etc/actuator.json").c_str());
  pass(61);
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(90000, early->quota());
  EXPECT_EQ(40000, late->quota());
  write_file(kPrefix + "/etc/disabled", "");
  EXPECT_EQ(code(Exit::done), tick().exit);
  EXPECT_EQ(90000, late->quota());
}

TEST_F(Timer, BeforeTheFirstCallThereIsNothingToDo) {
  clear_state();
  ::unlink((kPrefix + "/run/lock").c_str());
  Ending ending = tick();
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
}

}  // namespace
}  // namespace cpi::live
