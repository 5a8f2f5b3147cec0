#include "service/capacity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "service/example.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = CapacityCheck::Kind;

TEST(EstimatedPeakTest, DoublesTheExactAverage) {
  // Truncating 173.6 before doubling it would say 346.
  EXPECT_NEAR(estimated_peak_qps(15'000'000), 347.22, 0.01);
  EXPECT_EQ(std::round(estimated_peak_qps(15'000'000)), 347);
}

TEST(MachinesNeededTest, RoundsUp) {
  EXPECT_EQ(machines_needed(300, 8), 38u);
  EXPECT_EQ(machines_needed(304, 8), 38u);
  EXPECT_EQ(machines_needed(305, 8), 39u);
  EXPECT_EQ(machines_needed(1, 1000), 1u);
}

TEST(MachinesNeededTest, ARoundingErrorIsNoMachine) {
  EXPECT_EQ(machines_needed(0.3, 0.1), 3u);
  EXPECT_EQ(machines_needed(1.1 * 3, 1.1), 3u);
}

TEST(SplitMachinesTest, FollowsTheRatioWithLargestRemainders) {
  EXPECT_THAT(split_machines(40, example_service().declaration.regions),
              ElementsAre(20, 13, 7));
}

TEST(SplitMachinesTest, AlwaysAddsUp) {
  const std::vector<Region> regions = {{"a", 3}, {"b", 0.1}, {"c", 1e9}};
  for (std::uint64_t machines = 0; machines < 100; ++machines) {
    const auto parts = split_machines(machines, regions);
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::uint64_t{0}),
              machines);
  }
  EXPECT_THAT(split_machines(1, std::vector<Region>{{"a", 1}, {"b", 1}}),
              ElementsAre(1, 0));
  EXPECT_THAT(split_machines(7, {}), IsEmpty());
}

std::map<Kind, bool> agreement(const Declaration& declared) {
  std::map<Kind, bool> all;
  for (const auto& check : check_capacity(declared)) {
    all[check.kind] = check.agrees();
  }
  return all;
}

TEST(CheckCapacityTest, TheExampleAgreesWithItself) {
  EXPECT_EQ(agreement(example_service().declaration),
            (std::map<Kind, bool>{{Kind::peak_from_requests, true},
                                  {Kind::average_from_requests, true},
                                  {Kind::machines_from_peak, true},
                                  {Kind::peak_over_average, true}}));
}

TEST(CheckCapacityTest, MoreThanAFifthOffIsSaid) {
  Declaration declared = example_service().declaration;
  declared.machines = 45;  // 38 are needed; 45.6 is the limit
  EXPECT_TRUE(agreement(declared)[Kind::machines_from_peak]);
  declared.machines = 46;
  EXPECT_FALSE(agreement(declared)[Kind::machines_from_peak]);
  declared.machines = 31;
  EXPECT_TRUE(agreement(declared)[Kind::machines_from_peak]);
  declared.machines = 30;
  EXPECT_FALSE(agreement(declared)[Kind::machines_from_peak]);
  declared.peak_qps = 150;
  EXPECT_FALSE(agreement(declared)[Kind::peak_from_requests]);
  EXPECT_FALSE(agreement(declared)[Kind::peak_over_average]);
}

TEST(CheckCapacityTest, NothingIsCheckedWithoutItsNumbers) {
  EXPECT_THAT(check_capacity(Declaration{}), IsEmpty());
  Declaration declared;
  declared.peak_qps = 300;
  EXPECT_THAT(check_capacity(declared), IsEmpty());
}

TEST(PoolTotalsTest, AddUpWhatTheReplicasOfThisHostWerePromised) {
  std::vector<ServiceConfig> services(4, example_service());
  services[1].name = "search";
  services[1].declaration.cpu.reset();
  services[2].name = "elsewhere";
  services[3].name = "free";
  services[3].declaration.pool.clear();
  const auto totals =
      pool_totals(services, {{"like-core", 2}, {"search", 1}, {"free", 5}});
  ASSERT_EQ(totals.size(), 1u);
  const PoolTotal& total = totals.at("recommendation");
  EXPECT_EQ(total.replicas, 3u);
  EXPECT_EQ(total.cpus, 64);
  EXPECT_EQ(total.memory_bytes, 240e9);
  EXPECT_EQ(total.undeclared, 1u);
}

}  // namespace
}  // namespace cpi
