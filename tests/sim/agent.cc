#include "sim/agent.h"

#include <array>
#include <memory>

namespace cpi::sim {
namespace {

class WorldCollector : public Collector {
 public:
  explicit WorldCollector(const World& world) : world_(world) {}
  Result<const Readings*> collect(Instant) override {
    return &world_.readings();
  }

 private:
  const World& world_;
};

template <class See>
void for_each_finding(const Tick& tick, See see) {
  for (const Judgement& judgement : *tick.judgements) {
    for (const auto& finding : judgement.findings) {
      if (finding) see(*finding);
    }
  }
}

// A prime: lives of one kind have seeds that are a round number apart.
constexpr std::size_t kModels = 17;

ServiceState train(std::uint64_t seed) {
  World world(seed, {});
  Demand every_other_window;
  every_other_window.rest = 0;
  every_other_window.period = 2 * kWindow;
  world.add(every_other_window);
  Pipeline pipeline(config_of_simulations(),
                    std::make_unique<WorldCollector>(world));
  for (int i = 0; i < 24 * 360; ++i) {
    world.advance();
    (void)pipeline.tick(world.now());
  }
  return pipeline.watch("web").state();
}

}  // namespace

Config config_of_simulations() {
  Config config;
  config.batch.emplace_back().name = "train";
  config.model.warm_up = std::chrono::hours(1);
  config.policy.act = true;
  return config;
}

const ServiceState& trained_model(std::uint64_t seed) {
  static const auto models = [] {
    std::array<ServiceState, kModels> trained;
    for (std::size_t i = 0; i < kModels; ++i) trained[i] = train(i + 1);
    return trained;
  }();
  return models[seed % kModels];
}

Agent::Agent(World& world, const Config& config, const Saved& saved)
    : world_(world),
      pipeline_(config, std::make_unique<WorldCollector>(world), saved.policy) {
  for (const Service& service : world.services()) {
    pipeline_.watch(service.name).restore(saved.model, world.now());
  }
}

const Decision& Agent::tick() {
  tick_ = *pipeline_.tick(world_.now());
  for (const Action& action : tick_.decision->actions) {
    const ActionOutcome outcome = world_.apply(action);
    const bool about_a_quota = outcome.cgroup.inode != 0;
    if (about_a_quota) policy().report(outcome, world_.now());
  }
  return *tick_.decision;
}

Saved Agent::save() const {
  return {pipeline_.watches().begin()->second.state(), *tick_.policy};
}

std::vector<const Incident*> Agent::incidents() const {
  std::vector<const Incident*> open;
  for_each_finding(tick_, [&](const Finding& finding) {
    const bool over = finding.change == Change::recovered;
    if (finding.incident && !over) open.push_back(finding.incident);
  });
  return open;
}

bool Agent::anomaly() const {
  bool any = false;
  for_each_finding(tick_,
                   [&](const Finding& f) { any = any || f.score.anomaly; });
  return any;
}

}  // namespace cpi::sim
