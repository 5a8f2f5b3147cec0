// Killed at every system call; every system call failing; every allocation
// failing. Whatever happens, no original is lost and no success is claimed that
// is none.
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

struct Scenario {
  const char* name;
  std::vector<std::vector<std::string>> before;  // calls that lead to it
  std::vector<std::string> call;
  // What holds after a success; −2: not looked at.
  long quota, limit;
};

constexpr long kOriginal = 90000;
constexpr long kUnlimited = -1;
constexpr long kAny = -2;

const std::vector<std::string> kLower = {"lower", "batch/pod", "400", "--lease",
                                         "60"};
const std::vector<std::string> kFreeze = {"freeze", "60", "--reason", "test"};

const Scenario kScenarios[] = {
    {"lower", {}, kLower, 40000, kAny},
    {"second lower",
     {kLower},
     {"lower", "batch/pod", "200", "--lease", "60"},
     20000,
     kAny},
    {"raise", {kLower}, {"raise", "batch/pod", "600"}, 60000, kAny},
    {"raise to the original",
     {kLower},
     {"raise", "batch/pod", "9000"},
     kOriginal,
     kAny},
    {"release", {kLower}, {"release", "batch/pod"}, kOriginal, kAny},
    {"freeze", {}, kFreeze, kAny, 0},
    {"thaw", {kFreeze}, {"thaw"}, kAny, kUnlimited},
    {"restore", {kLower, kFreeze}, {"restore"}, kOriginal, kUnlimited},
};

// A parent, a pod with a burst, and a container in it that the recursive rule
// must lower first; the parent on v2 too, for the freeze.
class Faults : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    parent.emplace(kParent);
    pod.emplace(kParent + "/pod");
    container.emplace(kParent + "/pod/c0");
    pod->set_quota(kOriginal);
    pod->set_burst(50000);
    container->set_quota(80000);
    held = unified_root() + "/" + kParent;
    ::mkdir(held.c_str(), 0755);
    configure(config_text(R"(, "recursive": true, "exclusive": true)",
                          R"(, "budget_per_hour": 256, "freeze_gap": 0)"));
  }
  void TearDown() override {
    container.reset();
    pod.reset();
    parent.reset();
    if (!held.empty()) ::rmdir(held.c_str());
    ActuatorSite::TearDown();
  }

  [[nodiscard]] long limit() const {
    std::string text = read_file(held + "/cgroup.max.descendants");
    return text.starts_with("max") ? kUnlimited : std::atol(text.c_str());
  }

  void prepare(const Scenario& scenario) {
    clear_state();
    pod->set_quota(kOriginal);
    pod->set_burst(50000);
    container->set_quota(80000);
    write_file(held + "/cgroup.max.descendants", "max");
    for (const auto& arguments : scenario.before)
      ASSERT_EQ(code(Exit::done), call(arguments).exit) << scenario.name;
  }

  int count_calls(const Scenario& scenario) {
    prepare(scenario);
    int calls = 0;
    Launch traced = launch(scenario.call);
    traced.at_call = [&](const Call&) { return ++calls, 0; };
    Ending ending = run(traced);
    EXPECT_EQ(code(Exit::done), ending.exit) << scenario.name << ending.err;
    EXPECT_TRUE(succeeded(scenario)) << scenario.name;
    return calls;
  }

  [[nodiscard]] bool succeeded(const Scenario& scenario) const {
    return (scenario.quota == kAny || pod->quota() == scenario.quota) &&
           (scenario.limit == kAny || limit() == scenario.limit);
  }

  // Does root's restore bring everything back?
  bool recovers(std::string* why) {
    Ending ending = as_root({"restore"});
    *why = ending.err + journal() + " quota " + std::to_string(pod->quota()) +
           " burst " + std::to_string(pod->burst()) + " container " +
           std::to_string(container->quota()) + " limit " +
           std::to_string(limit());
    return ending.exit == code(Exit::done) && pod->quota() == kOriginal &&
           pod->burst() == 50000 && container->quota() == 80000 &&
           limit() == kUnlimited && throttles() == 0 &&
           journal().find("\"freeze\"") == std::string::npos;
  }

  std::optional<CpuCgroup> parent, pod, container;
  std::string held;
};

TEST_F(Faults, KilledAtAnySystemCallEverythingIsRecovered) {
  int points = 0;
  int lost = 0;
  for (const Scenario& scenario : kScenarios) {
    int calls = count_calls(scenario);
    for (int at = 0; at < calls; ++at, ++points) {
      prepare(scenario);
      Launch traced = launch(scenario.call);
      traced.at_call = [&](const Call& call) {
        return call.index == at ? kKill : 0;
      };
      EXPECT_EQ(SIGKILL, run(traced).signal) << scenario.name << at;
      std::string why;
      if (recovers(&why)) continue;
      ++lost;
      ADD_FAILURE() << scenario.name << " killed at call " << at << ": " << why;
    }
  }
  std::printf("kill points %d, lost %d\n", points, lost);
}

TEST_F(Faults, AnyFailingSystemCallLosesNothingAndClaimsNothing) {
  constexpr int kErrors[] = {EIO, ENOSPC, EINTR, EROFS, ENOMEM};
  int runs = 0;
  int claimed = 0;
  int lost = 0;
  int failed = 0;
  int turn = 0;
  for (const Scenario& scenario : kScenarios) {
    int calls = count_calls(scenario);
    for (int error : kErrors) {
      for (int at = turn++ % stride(5); at < calls; at += stride(5), ++runs) {
        prepare(scenario);
        Launch traced = launch(scenario.call);
        Call failing;
        traced.at_call = [&](const Call& call) {
          if (call.index == at) failing = call;
          return call.index == at ? error : 0;
        };
        Ending ending = run(traced);
        failed += ending.exit == code(Exit::done) ? 0 : 1;
        std::string why;
        if (ending.exit == code(Exit::done) && !succeeded(scenario)) {
          ++claimed;
          ADD_FAILURE() << scenario.name << " claimed success at call " << at
                        << " number " << failing.number << " errno " << error;
        }
        if (recovers(&why)) continue;
        ++lost;
        ADD_FAILURE() << scenario.name << " lost at call " << at << " number "
                      << failing.number << " errno " << error << ": "
                      << ending.err << why;
      }
    }
  }
  std::printf("runs %d, of which failed %d; lost %d, falsely done %d\n", runs,
              failed, lost, claimed);
}

TEST_F(Faults, AnyFailingAllocationLosesNothingAndClaimsNothing) {
  std::string program = kPrefix + "/bin/oom";
  std::filesystem::copy_file(CPI_ACTUATOR_OOM, program);
  int runs = 0;
  for (const Scenario& scenario : kScenarios) {
    prepare(scenario);
    Launch counted = launch(scenario.call, 0);
    counted.program = program;
    std::string said = run(counted).err;
    int allocations = std::atoi(said.substr(said.rfind('\n') + 1).c_str());
    ASSERT_GT(allocations, 20) << said;
    for (int at = 1; at <= allocations; ++at, ++runs) {
      prepare(scenario);
      Launch starved = launch(scenario.call, 0);
      starved.program = program;
      starved.environment = {"CPI_FAIL_ALLOCATION=" + std::to_string(at)};
      Ending ending = run(starved);
      EXPECT_EQ(0, ending.signal) << scenario.name << at;
      EXPECT_TRUE(ending.exit != code(Exit::done) || succeeded(scenario))
          << scenario.name << at;
      std::string why;
      EXPECT_TRUE(recovers(&why)) << scenario.name << at << why;
    }
  }
  std::printf("allocations failed %d\n", runs);
}

TEST_F(Faults, TheTestVariantsRefuseToBeSetuid) {
  std::string program = kPrefix + "/bin/oom";
  std::filesystem::copy_file(CPI_ACTUATOR_OOM, program);
  ::chmod(program.c_str(), 04755);
  Launch setuid = launch({"status"});
  setuid.program = program;
  EXPECT_EQ(SIGABRT, run(setuid).signal);
}

}  // namespace
}  // namespace cpi::live
