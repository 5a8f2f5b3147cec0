// How the collector lives within the file descriptors it may take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <filesystem>

#include "counters/kernel_collector_fixture.h"

namespace cpi {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using KernelCollectorDescriptorsTest = KernelCollectorTest;

TEST_F(KernelCollectorDescriptorsTest, CountsWhatFitsAndSaysWhichLimitWouldDo) {
  cgroup("web-1");
  cgroup("web-2");
  fd_limit_ = FdBudget().limit_for(14);  // needed: 3 + 2 · (3 + 4) = 17
  start();
  const Readings& readings = collect();
  EXPECT_THAT(readings.services[0].reading.counts, SizeIs(2));
  EXPECT_THAT(readings.services[1].reading.counts, IsEmpty());
  EXPECT_THAT(readings.services[1].reading.uncounted,
              HasSubstr("file descriptors"));
  EXPECT_TRUE(readings.services[1].reading.cpu_time);
  ASSERT_FALSE(log_.empty());
  EXPECT_THAT(log_[0], HasSubstr("takes 17 file descriptors"));
  EXPECT_THAT(log_[0], HasSubstr("LimitNOFILE="));
  EXPECT_EQ(collector_->stats().fds_needed, 17U);
}

TEST_F(KernelCollectorDescriptorsTest, LeavesWhatOthersWillOpenForEachService) {
  cgroup("web-1");
  cgroup("web-2");
  cgroup("job-1");
  fds_beside_ = 5;  // of two services: 10 of these 30
  fd_limit_ = FdBudget().limit_for(30);
  start();
  (void)collect();
  EXPECT_THAT(log_, IsEmpty());
  collector_.reset();
  fd_limit_ = *fd_limit_ - 12;
  start();
  (void)collect();
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_LE(collector_->stats().fds_open, 8U);
}

TEST_F(KernelCollectorDescriptorsTest,
       WatchesWhatFitsAlsoWithoutPmuAndSaysHowMuch) {
  perf_.open_fault = [](const FakePerf::Opened&) { return ENOENT; };
  for (int i = 0; i < 40; ++i) cgroup("web-" + std::to_string(i));
  fd_limit_ = FdBudget().limit_for(36);
  start();
  const std::size_t others = FdBudget().limit_for(0);
  for (int i = 0; i < 20; ++i) collect(seconds(10));
  const std::size_t watched = collect().services.size();
  EXPECT_GT(watched, 5U);
  EXPECT_LT(watched, 20U);
  EXPECT_EQ(collector_->stats().cgroups, watched);
  EXPECT_LE(FdBudget().limit_for(0) - others, 36U);
  ASSERT_THAT(log_, SizeIs(2));  // that there is no PMU is the first
  EXPECT_THAT(log_[1], HasSubstr(std::to_string(watched) + " of 40 are"));

  const std::string name = "LimitNOFILE=";
  const auto limit = log_[1].find(name);
  ASSERT_NE(limit, std::string::npos);
  fd_limit_ = std::stoul(log_[1].substr(limit + name.size()));
  collector_.reset();
  start();
  EXPECT_THAT(collect().services, SizeIs(40));
}

TEST_F(KernelCollectorDescriptorsTest, TheSoftLimitIsRaisedAlsoWithoutPmu) {
  perf_.open_fault = [](const FakePerf::Opened&) { return ENOENT; };
  for (int i = 0; i < 40; ++i) cgroup("web-" + std::to_string(i));
  fd_limit_.reset();
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit tight = {FdBudget().limit_for(20), before.rlim_max};
  if (before.rlim_max < FdBudget().limit_for(200)) {
    GTEST_SKIP() << "the hard limit of " << before.rlim_max << " is too low";
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  start();
  EXPECT_THAT(collect().services, SizeIs(40));
  rlimit after = {};
  ::getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_GT(after.rlim_cur, tight.rlim_cur);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(KernelCollectorDescriptorsTest, QuotasOfRelativesTakeOnlyWhatIsLeft) {
  cgroup("web");
  for (int i = 0; i < 60; ++i) {
    const std::string child = "web/c" + std::to_string(i);
    cgroup(child);
    tree_.write("cg/" + child + "/cpu.max", "20000 100000\n");
  }
  fd_limit_ = FdBudget().limit_for(30);
  start();
  EXPECT_THAT(collect().services[0].reading.counts, SizeIs(2));
  EXPECT_LE(collector_->stats().fds_open, 30U);
  EXPECT_GT(collector_->stats().fds_open, 20U);
}

TEST_F(KernelCollectorDescriptorsTest, ARemovedCgroupTakesItsDescriptorsAlong) {
  cgroup("web-1");
  cgroup("web-2");
  cgroup("job");
  start();
  collect();
  EXPECT_EQ(collector_->stats().counted, 2U);
  tree_.remove("cg/web-2");
  tree_.remove("cg/job");
  const Readings& readings = collect();
  EXPECT_THAT(readings.services, SizeIs(1));
  EXPECT_THAT(readings.batch, IsEmpty());
  EXPECT_EQ(perf_.open_now(), 4);
  EXPECT_EQ(collector_->stats().cgroups, 1U);
}

}  // namespace
}  // namespace cpi
