// A host of the simulator: services, batch containers, the kernel's counters
// and quotas with the helper's timer, and a cluster scheduler. It knows the
// truth that the policy has to find out.
#ifndef CPI_TESTS_SIM_WORLD_H_
#define CPI_TESTS_SIM_WORLD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "counters/reading.h"
#include "policy/action.h"
#include "policy/outcome.h"
#include "support/random.h"

namespace cpi::sim {

inline constexpr Duration kWindow = std::chrono::seconds(10);
inline constexpr double kHostCpus = 32;
inline constexpr Millicores kFloor = 50;

// How a container's demand for CPU goes over time.
struct Demand {
  double cpus = 4;
  // Share of `cpus` between the bursts, and their period; 0: always all.
  double rest = 1;
  Duration period{};
  double duty = 0.5;
  Duration phase{};
  // A smooth curve instead of bursts.
  bool curve = false;
};

struct Container {
  CgroupId cgroup;
  Demand demand;
  Instant starts{};
  Instant ends = Instant::max();
  // What it does to its victims at full demand: CPI × (1 + harm), and a share
  // of the time in which they wait.
  double harm = 0;
  double starvation = 0;
  std::vector<std::size_t> victims = {0};  // indices of services
  // Harm begins with a phase of its work that its CPU use does not show.
  Instant harmful_from{};
  // Harms by what no quota limits.
  bool stubborn = false;
  // Harm as a function of the CPU it gets: that share to this power.
  double exponent = 1;
  // Its original quota; absent: unlimited.
  std::optional<Millicores> original;
  // The helper will not touch it.
  bool refused = false;

  // The truth in force.
  std::optional<Millicores> quota;  // a throttle
  Instant leased_until{};
  double cpus = 0;      // used in the latest window
  Duration cpu_time{};  // in all its life

  [[nodiscard]] bool guilty() const { return harm > 0 || starvation > 0; }
};

struct Service {
  std::string name = "web";
  double usage = 0.15;
  double usage_spread = 0.01;
  double noise = 0.04;    // of CPI, relative
  double cpi_factor = 1;  // of a release
  Instant released = Instant::max();
  // Not a release, but a job of its own every so often, for so long; 0: a
  // release, which stays.
  Duration spell_period{};
  Duration spell{};
  // Its own quota makes it wait from here on.
  Instant limited = Instant::max();
  // Somebody else has its counters in this time.
  Instant uncounted_from = Instant::max();
  Instant uncounted_until = Instant::max();
};

// What must never happen.
struct Violations {
  int above_original = 0;
  int under_floor = 0;
  int outlived_lease = 0;  // in force with nobody renewing it
};

// Which of the services has this cgroup.
std::size_t index_of(const CgroupId& service);

class World {
 public:
  World(std::uint64_t seed, const Service& service);

  void add(const Service& service);
  Container& add(const Demand& demand);

  // The next window: timers, arrivals, departures, use, harm.
  void advance();

  // What the kernel says after that window. Valid until the next.
  [[nodiscard]] const Readings& readings() const { return readings_; }

  // The helper, and the scheduler. Nothing of a dry run reaches them.
  ActionOutcome apply(const Action& action);
  [[nodiscard]] InForce status() const;

  // What batch does to a service's CPI now, 0: nothing; and to its wait.
  [[nodiscard]] double harm(std::size_t service = 0) const;
  [[nodiscard]] double starvation(std::size_t service = 0) const;
  // Either is worth the name.
  [[nodiscard]] bool is_harmed(std::size_t service = 0) const;

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] bool is_frozen() const { return now_ < frozen_until_; }
  [[nodiscard]] const Container* find(const CgroupId& cgroup) const;
  [[nodiscard]] std::vector<Container>& containers() { return containers_; }
  [[nodiscard]] std::vector<Service>& services() { return services_; }
  [[nodiscard]] const Violations& violations() const { return violations_; }

  // Carries out a dry run as well: to compare it with a real one.
  bool does_what_is_dry = false;
  // Whether anybody moves a container that is asked to, and how soon.
  bool scheduler_obeys = true;
  Duration move_time = std::chrono::minutes(5);

 private:
  Container* edit(const CgroupId& cgroup);
  [[nodiscard]] bool runs(const Container& container) const;
  [[nodiscard]] double share(const Container& container) const;
  [[nodiscard]] double demand_of(const Container& container);
  ActionOutcome set_quota(const CgroupId& cgroup, Millicores quota,
                          Duration lease);
  // Adds what happened in this window to what was counted before.
  void count(std::size_t service);
  void read_batch();

  Random random_;
  std::vector<Service> services_;
  Readings readings_;
  Instant now_{std::chrono::hours(100)};
  std::vector<Container> containers_;
  Instant frozen_until_{};
  Violations violations_;
};

}  // namespace cpi::sim

#endif  // CPI_TESTS_SIM_WORLD_H_
