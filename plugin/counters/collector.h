// The start of the pipeline: something that yields readings. The kernel's
// (kernel_collector.h) and a recording's (replay.h) are interchangeable.
#ifndef CPI_COUNTERS_COLLECTOR_H_
#define CPI_COUNTERS_COLLECTOR_H_

#include "base/result.h"
#include "counters/reading.h"

namespace cpi {

class Collector {
 public:
  virtual ~Collector() = default;

  // Reads every selected cgroup once. A cgroup that vanished or cannot be read
  // is left out; an error means that nothing at all could be read. The result
  // stays valid until the next call, which reuses its memory.
  // Not thread-safe: one thread at a time.
  virtual Result<const Readings*> collect(Instant now) = 0;

  // For CountTime: stops counting until the next collect(). What cannot be
  // paused goes on.
  virtual void pause() {}
};

}  // namespace cpi

#endif  // CPI_COUNTERS_COLLECTOR_H_
