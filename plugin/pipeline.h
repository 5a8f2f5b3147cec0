// The stages in the order of the data:
//
//   counters ──► sample ──► model ──► incident ──► …
//
// Knows neither collectd nor files: collectd/ drives it with the kernel's
// collector, cli/ with a recording's.
#ifndef CPI_PIPELINE_H_
#define CPI_PIPELINE_H_

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config.h"
#include "base/result.h"
#include "counters/collector.h"
#include "sample/sampler.h"
#include "watch.h"

namespace cpi {

// All that one tick learned. Valid until the next tick.
struct Tick {
  Instant now{};
  const Readings* readings = nullptr;
  const Samples* samples = nullptr;
  // One per service sample, in the same order.
  const std::vector<Judgement>* judgements = nullptr;
};

class Pipeline {
 public:
  Pipeline(const Config& config, std::unique_ptr<Collector> collector);

  // Runs every stage once. An error means that nothing could be read at all;
  // what the stages remember is then unchanged. One thread at a time.
  Result<Tick> tick(Instant now);

  // The watch of a service; made if need be. Stays where it is.
  Watch& watch(const std::string& service);
  [[nodiscard]] const std::unordered_map<std::string, Watch>& watches() const {
    return watches_;
  }

 private:
  // Absent where no batch is declared: then nothing is known about it.
  [[nodiscard]] std::optional<bool> batch_idle(const Samples& samples) const;

  Config config_;
  std::unique_ptr<Collector> collector_;
  Sampler sampler_;
  std::unordered_map<std::string, Watch> watches_;
  std::vector<Judgement> judgements_;
};

}  // namespace cpi

#endif  // CPI_PIPELINE_H_
