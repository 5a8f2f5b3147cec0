#include "pipeline.h"

namespace cpi {

Pipeline::Pipeline(const Config& config, std::unique_ptr<Collector> collector)
    : collector_(std::move(collector)), sampler_(config.sampler) {}

Result<Tick> Pipeline::tick(Instant now) {
  const auto readings = collector_->collect(now);
  if (!readings) return fail(readings);
  return Tick{now, *readings, &sampler_.update(**readings)};
}

}  // namespace cpi
