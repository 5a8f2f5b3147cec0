// The agent of the simulator: the real pipeline, fed with what the world
// counts, and with a state that survives a restart.
#ifndef CPI_TESTS_SIM_AGENT_H_
#define CPI_TESTS_SIM_AGENT_H_

#include <vector>

#include "base/config.h"
#include "pipeline.h"
#include "sim/world.h"

namespace cpi::sim {

// What a restart keeps.
struct Saved {
  ServiceState model;  // the services are all alike
  PolicyState policy;
};

// The configuration of the simulations: the defaults, acting, and past warm-up
// after an hour.
Config config_of_simulations();

// A model that has seen a day of undisturbed life, in half of it with batch
// idle; one of some that differ by chance, as those of real hosts do. Made
// once; thread-safe.
const ServiceState& trained_model(std::uint64_t seed);

class Agent {
 public:
  // REQUIRES: `world` outlives it.
  Agent(World& world, const Config& config, const Saved& saved);

  // One tick: looks at the world, decides, and acts.
  const Decision& tick();

  [[nodiscard]] Saved save() const;
  [[nodiscard]] Policy& policy() { return pipeline_.policy(); }
  // Of the latest tick: the open incidents, and whether some window was
  // anomalous in some signal.
  [[nodiscard]] std::vector<const Incident*> incidents() const;
  [[nodiscard]] bool anomaly() const;

 private:
  World& world_;
  Pipeline pipeline_;
  Tick tick_;
};

}  // namespace cpi::sim

#endif  // CPI_TESTS_SIM_AGENT_H_
