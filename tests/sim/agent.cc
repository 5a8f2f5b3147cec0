#include "sim/agent.h"

namespace cpi::sim {
namespace {

constexpr double kIdle = 0.25;

ServiceState train() {
  World world(1, {});
  Watch watch("web", config_of_simulations().model, DetectorConfig{});
  for (int i = 0; i < 24 * 360; ++i) {
    world.advance();
    watch.judge(world.service_sample(), i % 2 == 0);
    watch.forget_absent();
  }
  return watch.state();
}

}  // namespace

Config config_of_simulations() {
  Config config;
  config.model.warm_up = std::chrono::hours(1);
  config.policy.act = true;
  return config;
}

const ServiceState& trained_model() {
  static const ServiceState model = train();
  return model;
}

Agent::Agent(const Config& config, const Saved& saved, Instant now)
    : watch_("web", config.model, config.detector),
      suspects_(config.suspects),
      policy_(config.policy, saved.policy) {
  watch_.restore(saved.model, now);
  situation_.victims.resize(1);
}

void Agent::observe(const Judgement& judgement) {
  Victim& victim = situation_.victims.front();
  victim = {};
  victim.service = "web";
  victim.cgroup = judgement.sample->cgroup;
  for (const auto& finding : judgement.findings) {
    if (!finding) continue;
    const Score& score = finding->score;
    victim.measured[static_cast<std::size_t>(score.signal)] = true;
    if (score.judged()) {
      suspects_.observe(victim.cgroup, score.signal, score.deviation);
    }
    victim.anomaly = victim.anomaly || score.anomaly;
    const bool over = finding->change == Change::recovered;
    if (!finding->incident) continue;
    if (!over) victim.incidents.push_back(finding->incident);
    victim.voided[static_cast<std::size_t>(score.signal)] =
        over && finding->incident->voided;
  }
}

const Decision& Agent::tick(World& world) {
  const std::vector<Sample> batch = world.batch_samples();
  situation_.now = world.now();
  situation_.window = kWindow;
  situation_.batch.clear();
  double cpus = 0;
  for (const Sample& sample : batch) {
    cpus += *sample.cpus;
    situation_.batch.push_back(
        {sample.cgroup, sample.workload, *sample.cpus, {}});
  }
  suspects_.observe(batch, world.now());
  sample_ = world.service_sample();
  observe(watch_.judge(sample_, cpus < kIdle));
  watch_.forget_absent();

  decision_ = policy_.decide(situation_, [this](const Incident& incident) {
    return suspects_.rank(incident);
  });
  if (decision_.spent) watch_.spend(sample_.cgroup);
  for (const Action& action : decision_.actions) {
    const ActionOutcome outcome = world.apply(action);
    const bool about_a_quota = outcome.cgroup.inode != 0;
    if (about_a_quota) policy_.report(outcome, world.now());
  }
  for (const OwnDoing& own : decision_.own_doing) {
    watch_.exonerate(own.victim, own.signal);
  }
  return decision_;
}

}  // namespace cpi::sim
