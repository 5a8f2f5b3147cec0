#include "cli/measurement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/unix_socket.h"

namespace cpi {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(WarmUpTest, DropsTheRampAndNothingElse) {
  EXPECT_EQ(warm_up(std::vector<double>{0, 1, 2, 4, 4, 4, 4, 4, 4, 4}), 3u);
  EXPECT_EQ(warm_up(std::vector<double>{4, 4, 4, 4}), 0u);
  EXPECT_EQ(warm_up(std::vector<double>{4}), 0u);
  EXPECT_EQ(warm_up({}), 0u);
}

TEST(WarmUpTest, NeverDropsMoreThanHalf) {
  EXPECT_LE(warm_up(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 5u);
}

TEST(SummarizeTest, MemoryOfWarmingUpCountsAndItsCpuDoesNot) {
  std::vector<EffortPoint> points;
  for (const double cpus : {0.5, 4.0, 4.2, 4.0, 4.0, 4.2, 4.0, 4.0}) {
    EffortPoint point;
    point.cpus = cpus;
    point.memory = cpus < 1 ? 900.0 : 500.0;
    point.qps = cpus * 10;
    points.push_back(point);
  }
  const Effort effort = summarize(points, std::nullopt);
  EXPECT_EQ(effort.dropped, 1u);
  EXPECT_EQ(effort.cpus_peak, 4.2);
  EXPECT_NEAR(*effort.cpus_mean, 4.057, 0.001);
  EXPECT_EQ(effort.memory_peak, 900);
  EXPECT_NEAR(*effort.qps, 40.57, 0.01);
  EXPECT_EQ(effort.cpi, std::nullopt);
  EXPECT_EQ(summarize(points, 77).qps, 77);
}

TEST(QpsInTest, TakesTheLastMatch) {
  const std::string output = "Requests/sec: 1\nRequests/sec:  12,345.5\n";
  EXPECT_EQ(*qps_in(output, "Requests/sec: +([0-9.,]+)"), 12345.5);
  EXPECT_EQ(*qps_in(output, "nothing ([0-9]+)"), std::nullopt);
}

TEST(QpsInTest, AMatchOfNothingIsNoNumber) {
  EXPECT_EQ(*qps_in("abc 7", "([0-9]*)"), 7);
  EXPECT_EQ(*qps_in("abc", "([0-9]*)"), std::nullopt);
  EXPECT_EQ(*qps_in("abc", "abc|([0-9]+)"), std::nullopt);
}

TEST(QpsInTest, NoExpressionTakesLongerThanTheOutputIs) {
  EXPECT_EQ(*qps_in(std::string(100'000, 'a'), "(a*)*b"), std::nullopt);
}

TEST(QpsInTest, SaysWhatIsWrongWithAnExpression) {
  EXPECT_FALSE(qps_in("", "Requests"));
  EXPECT_FALSE(qps_in("", "(["));
}

TEST(BlockOfTest, SaysWhatToDeclareAndHowFarItIsOff) {
  ServiceConfig service;
  service.name = "web";
  service.declaration.cpu = 8;
  service.declaration.max_qps = 50;
  Effort effort;
  effort.windows = 20;
  effort.dropped = 3;
  effort.cpus_mean = 3.9;
  effort.cpus_peak = 4.01;
  effort.memory_peak = 123'456'789;
  effort.qps = 100;
  effort.gpu_utilization = 0.701;
  const std::string block = block_of(service, effort);
  EXPECT_EQ(block,
            "# <Service \"web\">, measured over 20 windows; 3 of warming up "
            "dropped\n"
            "CPU 4.5  # declared 8: 100 % too much\n"
            "# CPU threads: 3.9 on average, 4.01 at most\n"
            "Memory \"130MB\"  # not declared yet\n"
            "MaxQPS 100  # declared 50: 50 % too little\n"
            "GPUUtilization \"70%\"  # not declared yet\n");
}

TEST(ParseGetvalTest, ReadsTheFirstValueOnly) {
  EXPECT_EQ(parse_getval("1 Value found\nvalue=1.250000e+01\n"), 12.5);
  EXPECT_EQ(parse_getval("-1 No such value\n"), std::nullopt);
  EXPECT_EQ(parse_getval("1 Value found\nvalue=NaN\n"), std::nullopt);
  EXPECT_EQ(parse_getval(""), std::nullopt);
  EXPECT_EQ(parse_getval("1 Value found\n"), std::nullopt);
}

}  // namespace
}  // namespace cpi
