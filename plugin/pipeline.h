// The stages in the order of the data: counters → sample → …
// Knows neither collectd nor files: collectd/ drives it with the kernel's
// collector, cli/ with a recording's.
#ifndef CPI_PIPELINE_H_
#define CPI_PIPELINE_H_

#include <memory>

#include "base/config.h"
#include "base/result.h"
#include "counters/collector.h"
#include "sample/sampler.h"

namespace cpi {

// All that one tick learned. Valid until the next tick.
struct Tick {
  Instant now{};
  const Readings* readings = nullptr;
  const Samples* samples = nullptr;
};

class Pipeline {
 public:
  Pipeline(const Config& config, std::unique_ptr<Collector> collector);

  // Runs every stage once. An error means that nothing could be read at all;
  // what the stages remember is then unchanged. One thread at a time.
  Result<Tick> tick(Instant now);

 private:
  std::unique_ptr<Collector> collector_;
  Sampler sampler_;
};

}  // namespace cpi

#endif  // CPI_PIPELINE_H_
