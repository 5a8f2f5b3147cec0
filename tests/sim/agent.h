// The agent of the simulator: the real model, detector, suspects and policy,
// wired as the pipeline wires them, with a state that survives a restart.
#ifndef CPI_TESTS_SIM_AGENT_H_
#define CPI_TESTS_SIM_AGENT_H_

#include <optional>
#include <vector>

#include "base/config.h"
#include "incident/suspects.h"
#include "policy/policy.h"
#include "sim/world.h"
#include "watch.h"

namespace cpi::sim {

// What a restart keeps.
struct Saved {
  ServiceState model;
  PolicyState policy;
};

// The configuration of the simulations: the defaults, acting, and past warm-up
// after an hour.
Config config_of_simulations();

// A model that has seen a day of undisturbed life, half of it with batch idle.
// Made once; thread-safe.
const ServiceState& trained_model();

class Agent {
 public:
  Agent(const Config& config, const Saved& saved, Instant now);

  // One tick: looks at the world's latest window, decides, and acts.
  const Decision& tick(World& world);

  [[nodiscard]] Saved save() const { return {watch_.state(), policy_.state()}; }
  [[nodiscard]] Policy& policy() { return policy_; }
  // Of the latest tick: the open incidents, and the windows that were
  // anomalous in any signal.
  [[nodiscard]] const std::vector<const Incident*>& incidents() const {
    return situation_.victims.front().incidents;
  }
  [[nodiscard]] bool anomaly() const {
    return situation_.victims.front().anomaly;
  }

 private:
  void observe(const Judgement& judgement);

  Watch watch_;
  Suspects suspects_;
  Policy policy_;
  Sample sample_;
  Situation situation_;
  Decision decision_;
};

}  // namespace cpi::sim

#endif  // CPI_TESTS_SIM_AGENT_H_
