#include "counters/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/file_tree.h"

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kNow{std::chrono::seconds(5)};

class HostTest : public testing::Test {
 protected:
  Result<Host> open() {
    return Host::open(tree_.path("proc"), tree_.path("sys"));
  }

  FileTree tree_{
      {"proc/stat", "cpu  1 2 3 4 5 6 7 250 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n"},
      {"sys/devices/system/cpu/online", "0-1,4\n"}};
};

TEST_F(HostTest, ReadsOnlineCpusAndSteal) {
  auto host = open();
  ASSERT_TRUE(host);
  const HostReading reading = host->read(kNow);
  EXPECT_EQ(reading.time, kNow);
  EXPECT_EQ(reading.online_cpus, 3);
  EXPECT_THAT(host->online(), ElementsAre(0, 1, 4));
  const double tick = 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  EXPECT_NEAR(to_seconds(*reading.steal), 250 * tick, 1e-9);
}

TEST_F(HostTest, SeesACpuGoOffline) {
  auto host = open();
  tree_.write("sys/devices/system/cpu/online", "0\n");
  EXPECT_EQ(host->read(kNow).online_cpus, 1);
}

TEST_F(HostTest, NonsenseLeavesTheCpusAsTheyWere) {
  auto host = open();
  for (const char* nonsense : {"", "x\n"}) {
    tree_.write("sys/devices/system/cpu/online", nonsense);
    EXPECT_EQ(host->read(kNow).online_cpus, 3);
  }
}

TEST_F(HostTest, StealThatIsNotThereIsAbsentNotZero) {
  tree_.write("proc/stat", "cpu  1 2 3\n");
  EXPECT_EQ(open()->read(kNow).steal, std::nullopt);
  tree_.write("proc/stat", "intr 5\n");
  EXPECT_EQ(open()->read(kNow).steal, std::nullopt);
  tree_.remove("proc/stat");
  EXPECT_EQ(open()->read(kNow).steal, std::nullopt);
}

TEST_F(HostTest, WithoutOnlineCpusThereIsNoHost) {
  tree_.write("sys/devices/system/cpu/online", "\n");
  EXPECT_FALSE(open());
  tree_.remove("sys");
  EXPECT_FALSE(open());
}

TEST(CorePmusTest, AreThoseThatNameTheirCpus) {
  FileTree tree({{"bus/event_source/devices/cpu_core/cpus", "0-7\n"},
                 {"bus/event_source/devices/cpu_core/type", "4\n"},
                 {"bus/event_source/devices/cpu_atom/cpus", "8-15\n"},
                 {"bus/event_source/devices/cpu_atom/type", "10\n"},
                 {"bus/event_source/devices/uncore_imc/cpumask", "0\n"},
                 {"bus/event_source/devices/uncore_imc/type", "20\n"},
                 {"bus/event_source/devices/software/type", "1\n"}});
  const auto pmus = core_pmus(tree.root());
  ASSERT_EQ(pmus.size(), 2U);
  EXPECT_EQ(pmus[0].name, "cpu_atom");
  EXPECT_EQ(pmus[0].type, 10U);
  EXPECT_EQ(pmus[1].name, "cpu_core");
  EXPECT_EQ(pmus[1].cpus.size(), 8U);
}

TEST(CorePmusTest, AHostWithOneKindOfCoresHasNone) {
  FileTree tree({{"bus/event_source/devices/cpu/type", "4\n"}});
  EXPECT_THAT(core_pmus(tree.root()), IsEmpty());
  EXPECT_THAT(core_pmus("/nonexistent"), IsEmpty());
}

}  // namespace
}  // namespace cpi
