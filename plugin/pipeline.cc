#include "pipeline.h"

namespace cpi {

Pipeline::Pipeline(const Config& config, std::unique_ptr<Collector> collector)
    : config_(config),
      collector_(std::move(collector)),
      sampler_(config.sampler) {}

Result<Tick> Pipeline::tick(Instant now) {
  const auto readings = collector_->collect(now);
  if (!readings) return fail(readings);
  const Samples& samples = sampler_.update(**readings);

  judgements_.clear();
  const auto idle = batch_idle(samples);
  for (const Sample& sample : samples.services) {
    judgements_.push_back(watch(sample.workload).judge(sample, idle));
  }
  for (auto& [service, watch] : watches_) watch.forget_absent();
  return Tick{now, *readings, &samples, &judgements_};
}

Watch& Pipeline::watch(const std::string& service) {
  return watches_.try_emplace(service, service, config_.model, config_.detector)
      .first->second;
}

std::optional<bool> Pipeline::batch_idle(const Samples& samples) const {
  if (config_.batch.empty()) return std::nullopt;
  double cpus = 0;
  for (const Sample& sample : samples.batch) cpus += sample.cpus.value_or(0);
  return cpus < config_.model.batch_idle;
}

}  // namespace cpi
