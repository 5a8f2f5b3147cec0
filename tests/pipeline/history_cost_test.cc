// The thread that reads the kernel must not pay for the history: no system call
// in a thousand cgroups' tick.
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "chronicle.h"
#include "store/history_file.h"
#include "support/samples.h"
#include "support/temporary_directory.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

namespace cpi {
namespace {

constexpr int kServices = 50;
constexpr int kReplicas = 20;
constexpr int kTicks = 5;

class HistoryCostTest : public testing::Test {
 protected:
  HistoryCostTest() {
    for (int i = 0; i < kServices; ++i) {
      names_.push_back("service-" + std::to_string(i));
    }
    for (int i = 0; i < kServices * kReplicas; ++i) {
      Sample sample = sample_at(Instant(), std::chrono::seconds(10), 0.25, 2,
                                static_cast<ino_t>(i));
      sample.workload = names_[static_cast<std::size_t>(i % kServices)];
      samples_.services.push_back(sample);
    }
    for (const Sample& sample : samples_.services) {
      judgements_.emplace_back().sample = &sample;
      judgements_.back().findings[0].emplace();
    }
  }
  void ticks(Chronicle& chronicle, HistoryWriter& writer) {
    for (int i = 0; i < kTicks; ++i) {
      chronicle.latency(names_[3], 7);
      Tick tick;
      tick.judgements = &judgements_;
      chronicle.write(tick, 1'700'000'000'000);
      writer.hand_over(chronicle.page());
    }
  }

  TemporaryDirectory directory_;
  std::vector<std::string> names_;
  Samples samples_;
  std::vector<Judgement> judgements_;
};

TEST_F(HistoryCostTest, TheReadingThreadMakesNoSystemCall) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers make system calls themselves";
  const pid_t child = ::fork();
  if (child == 0) {
    Chronicle chronicle(names_);
    HistoryWriter writer(directory_.path(), names_, {10, 10, 10},
                         [](Severity, const std::string&) {});
    // Until every list has its size.
    for (int round = 0; round < 4; ++round) {
      ticks(chronicle, writer);
      writer.write();
    }
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) ::_exit(77);
    ticks(chronicle, writer);  // any system call now is SIGKILL
    ::syscall(SYS_exit, 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
    GTEST_SKIP() << "the kernel has no seccomp";
  }
  EXPECT_FALSE(WIFSIGNALED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace cpi
