#include "cli/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>

namespace cpi {
namespace {

using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A host on which nothing is missing.
HostFacts good_host() {
  HostFacts facts;
  for (const char* controller :
       {"cpu", "cpuacct", "perf_event", "memory", "unified"}) {
    facts.controllers[controller] = "v2 at /sys/fs/cgroup";
  }
  facts.paranoid = 2;
  facts.can_perfmon = true;
  facts.pressure = true;
  facts.services = 2;
  facts.batch = 1;
  facts.matched = {3, 400, {}};
  facts.fd_limit = 1024;
  facts.collectd = "5.12.0";
  facts.plugin_path = "/usr/lib/collectd/cpi.so";
  return facts;
}

Check check(const HostFacts& facts, const std::string& name) {
  const std::vector<Check> checks = judge(facts);
  const auto found =
      std::find_if(checks.begin(), checks.end(),
                   [&](const Check& one) { return one.name == name; });
  if (found == checks.end()) {
    return {"no check called " + name, Check::State::missing, "", "", ""};
  }
  return *found;
}

TEST(JudgeTest, FindsNothingWrongWithAGoodHost) {
  EXPECT_THAT(judge(good_host()), Each(Field(&Check::state, Check::State::ok)));
  EXPECT_THAT(judge(good_host()), Each(Field(&Check::remedy, IsEmpty())));
  EXPECT_TRUE(all_needed_is_there(judge(good_host())));
}

TEST(JudgeTest, ADaemonThatRunsHasAConfiguration) {
  HostFacts facts = good_host();
  facts.daemon_configured = false;
  facts.running = true;
  EXPECT_EQ(check(facts, "collectd").state, Check::State::ok);
}

struct Fault {
  const char* description;
  std::function<void(HostFacts&)> inflict;
  const char* check;
  Check::State state;
  const char* found;   // part of what the check says it found
  const char* remedy;  // part of its remedy
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.description;
}

class FaultTest : public testing::TestWithParam<Fault> {};

TEST_P(FaultTest, IsNamedWithItsConsequenceAndRemedy) {
  const Fault& fault = GetParam();
  HostFacts facts = good_host();
  fault.inflict(facts);
  const Check result = check(facts, fault.check);
  EXPECT_EQ(result.state, fault.state);
  EXPECT_THAT(result.found, HasSubstr(fault.found));
  EXPECT_THAT(result.remedy, HasSubstr(fault.remedy));
  EXPECT_THAT(result.consequence, Not(IsEmpty()));
}

TEST_P(FaultTest, DecidesAloneWhetherAllIsThere) {
  HostFacts facts = good_host();
  GetParam().inflict(facts);
  EXPECT_EQ(all_needed_is_there(judge(facts)),
            GetParam().state != Check::State::missing);
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, FaultTest,
    testing::Values(
        Fault{"without a PMU",
              [](HostFacts& f) {
                f.counting = Error{ENOENT, "count events", "a virtual PMU"};
              },
              "pmu", Check::State::warn, "count events: No such file",
              "a virtual PMU"},
        Fault{"without permission", [](HostFacts& f) { f.can_perfmon = false; },
              "permission", Check::State::missing, "perf_event_paranoid 2",
              "CAP_PERFMON"},
        Fault{"a distribution to which CAP_PERFMON is not enough",
              [](HostFacts& f) {
                f.paranoid = 3;
                f.counting = Error{EACCES, "count events", "CAP_PERFMON"};
              },
              "permission", Check::State::missing, "perf_event_paranoid 3",
              "perf_event_paranoid to 2"},
        Fault{"bare cgroup v2",
              [](HostFacts& f) {
                f.cgroup_counting =
                    Error{ENOENT, "count a cgroup", "cgroup.subtree_control"};
              },
              "cgroup events", Check::State::missing, "count a cgroup",
              "subtree_control"},
        Fault{"two kinds of cores",
              [](HostFacts& f) {
                f.core_types = {"cpu_atom", "cpu_core"};
              },
              "core types", Check::State::warn, "cpu_atom, cpu_core", "CPUs"},
        Fault{"without PSI", [](HostFacts& f) { f.pressure = false; },
              "pressure", Check::State::warn, "off", "psi=1"},
        Fault{"without the cpu controller",
              [](HostFacts& f) { f.controllers.erase("cpu"); }, "cgroup cpu",
              Check::State::missing, "not mounted", "mount"},
        Fault{"v1 without cgroup2",
              [](HostFacts& f) { f.controllers.erase("unified"); },
              "cgroup unified", Check::State::warn, "not mounted", "mount"},
        Fault{"too few descriptors",
              [](HostFacts& f) { f.matched->fds_needed = 12800; },
              "file descriptors", Check::State::missing,
              "12800 needed for 3 cgroups, hard limit of this process 1024",
              "LimitNOFILE=25600"},
        Fault{"no new privileges",
              [](HostFacts& f) { f.no_new_privileges = true; },
              "no new privileges", Check::State::warn, "set",
              "NoNewPrivileges=no"},
        Fault{"without collectd", [](HostFacts& f) { f.collectd.reset(); },
              "collectd", Check::State::missing, "not found", "apt-get"},
        Fault{"collectd 6", [](HostFacts& f) { f.collectd = "6.0.0"; },
              "collectd", Check::State::missing, "6.0.0", "5.12"},
        Fault{"without the plugin", [](HostFacts& f) { f.plugin_path.reset(); },
              "plugin", Check::State::missing, "no cpi.so", "install"},
        Fault{"unreadable configuration",
              [](HostFacts& f) {
                f.configuration = Error{EACCES, "open x", "be root"};
              },
              "configuration", Check::State::warn, "open x", "be root"},
        Fault{"without a collectd.conf",
              [](HostFacts& f) { f.daemon_configured = false; }, "collectd",
              Check::State::warn, "no collectd.conf", "apt-get"},
        Fault{"a block that matches nothing",
              [](HostFacts& f) { f.matched->empty_blocks = {"Batch train"}; },
              "configuration", Check::State::warn,
              "no cgroup of this host matches Batch train", "systemd-cgls"},
        Fault{"a skipped block",
              [](HostFacts& f) { f.complaints = {"<Service> skipped"}; },
              "configuration", Check::State::warn, "<Service> skipped",
              "correct"},
        Fault{"nothing to protect", [](HostFacts& f) { f.services = 0; },
              "configuration", Check::State::warn, "0 services", "<Service>"}));

TEST(JudgeTest, DoubtsCapPerfmonAtALevelThatLinuxDoesNotHave) {
  HostFacts facts = good_host();
  facts.paranoid = 3;
  EXPECT_EQ(check(facts, "permission").state, Check::State::warn);
  facts.can_admin = true;
  EXPECT_EQ(check(facts, "permission").state, Check::State::ok);
}

TEST(JudgeTest, AcceptsAnOpenKernelInPlaceOfACapability) {
  HostFacts facts = good_host();
  facts.can_perfmon = false;
  facts.paranoid = 0;
  EXPECT_EQ(check(facts, "permission").state, Check::State::ok);
}

TEST(JudgeTest, AcceptsTwoKindsOfCoresOnceCpusAreChosen) {
  HostFacts facts = good_host();
  facts.core_types = {"cpu_atom", "cpu_core"};
  facts.cpus_chosen = true;
  EXPECT_EQ(check(facts, "core types").state, Check::State::ok);
}

TEST(JudgeTest, SaysARemedyOnce) {
  HostFacts facts = good_host();
  facts.counting = Error{ENOENT, "count events", "a virtual PMU"};
  EXPECT_THAT(check(facts, "pmu").found, Not(HasSubstr("virtual")));
}

}  // namespace
}  // namespace cpi
