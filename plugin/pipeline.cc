#include "pipeline.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cpi {

Pipeline::Pipeline(const Config& config, std::unique_ptr<Collector> collector,
                   PolicyState state)
    : config_(config),
      collector_(std::move(collector)),
      sampler_(config.sampler),
      suspects_(config.suspects),
      policy_(config.policy, std::move(state)) {
  for (const BatchConfig& batch : config.batch) {
    if (batch.cpus <= 0) continue;
    declared_[batch.name] =
        static_cast<Millicores>(std::llround(1000 * batch.cpus));
  }
}

Result<Tick> Pipeline::tick(Instant now) {
  const auto readings = collector_->collect(now);
  if (!readings) return fail(readings);
  const Samples& samples = sampler_.update(**readings);
  heed_decision();

  look_at_batch(samples.batch, now);
  judgements_.clear();
  const auto idle = batch_idle(samples);
  for (const Sample& sample : samples.services) {
    judgements_.push_back(watch(sample.workload).judge(sample, idle));
    look_at(judgements_.back());
  }
  for (auto& [service, watch] : watches_) watch.forget_absent();
  decide();
  return Tick{now,       *readings,  &samples,        &judgements_,
              &ranking_, &decision_, &policy_.state()};
}

Watch& Pipeline::watch(const std::string& service) {
  return watches_.try_emplace(service, service, config_.model, config_.detector)
      .first->second;
}

std::optional<bool> Pipeline::batch_idle(const Samples& samples) const {
  if (config_.batch.empty()) return std::nullopt;
  // What is turned down uses little because we hold it down, and may harm all
  // the same.
  if (config_.policy.act && !policy_.state().throttles.empty()) return false;
  double cpus = 0;
  for (const Sample& sample : samples.batch) cpus += sample.cpus.value_or(0);
  return cpus < config_.model.batch_idle;
}

void Pipeline::look_at_batch(const std::vector<Sample>& batch, Instant now) {
  const bool first = situation_.now == Instant{};
  situation_.window = first ? Duration{} : now - situation_.now;
  situation_.now = now;
  situation_.victims.clear();
  situation_.batch.clear();
  for (const Sample& sample : batch) {
    // One whose use is not known is there all the same: it has not ended.
    BatchUse use{sample.cgroup, sample.workload, sample.cpus.value_or(0), {}};
    const auto declared = declared_.find(sample.workload);
    if (declared != declared_.end()) use.declared = declared->second;
    situation_.batch.add(std::move(use));
  }
  suspects_.observe(batch, now);
}

void Pipeline::look_at(const Judgement& judgement) {
  const Sample& sample = *judgement.sample;
  Victim victim;
  victim.service = sample.workload;
  victim.cgroup = sample.cgroup;
  for (const auto& finding : judgement.findings) {
    if (!finding) continue;
    const Score& score = finding->score;
    victim.measured[static_cast<std::size_t>(score.signal)] = true;
    victim.anomaly = victim.anomaly || score.anomaly;
    if (score.judged()) {
      suspects_.observe(victim.cgroup, score.signal, score.deviation);
    }
    const bool over = finding->change == Change::recovered;
    if (!finding->incident) continue;
    if (!over) victim.incidents.push_back(finding->incident);
    victim.voided[static_cast<std::size_t>(score.signal)] =
        over && finding->incident->voided;
  }
  situation_.victims.add(std::move(victim));
}

void Pipeline::decide() {
  const bool harmed = std::any_of(
      situation_.victims.begin(), situation_.victims.end(),
      [](const Victim& victim) { return !victim.incidents.empty(); });
  if (!harmed) ranking_.clear();
  decision_ = policy_.decide(situation_, [this](const Incident& incident) {
    ranking_ = suspects_.rank(incident);
    return &ranking_;
  });
}

// Not in the tick that decided: its judgements point into the detectors.
void Pipeline::heed_decision() {
  for (const Victim& victim : situation_.victims) {
    if (!decision_.spent) break;
    watch(victim.service).spend(victim.cgroup);
  }
  for (const OwnDoing& own : decision_.own_doing) {
    for (auto& [service, watch] : watches_) {
      watch.exonerate(own.victim, own.signal);
    }
  }
  decision_ = {};
}

}  // namespace cpi
