// A Collector that plays what was recorded of one id through the pipeline, as
// if its counts came from the kernel. At which speed is the caller's affair:
//
//   for (Instant now : replay.instants()) pipeline.tick(now);
#ifndef CPI_COUNTERS_REPLAY_H_
#define CPI_COUNTERS_REPLAY_H_

#include <string>
#include <vector>

#include "counters/collector.h"
#include "counters/trace.h"

namespace cpi {

// Makes cumulative counts from which the sampler computes each row's usage and
// CPI again (to rounding, 1e-6), one sample per row. Before the first row, and
// before a row more than three median spacings after the one before it, an
// instant is inserted, one median spacing ahead, that is only a baseline: no
// sample spans a gap.
//
// The ids of a recording have nothing to do with each other, and a replay each:
// what one costs does not depend on how many others there are.
//
// Counts are at 2 GHz; there is no wait, throttling or steal. Not thread-safe.
class Replay final : public Collector {
 public:
  // A gap is longer than this many median spacings.
  static constexpr int kGap = 3;

  // REQUIRES: `rows` are of one id, in order of time; at least one. `cpus` is
  // the number of CPUs of the recorded host; 0: unknown, taken to be one, so
  // that usage is right and CPU seconds are not.
  explicit Replay(std::vector<TraceRow> rows, int cpus = 0);
  Replay(const Replay&) = delete;  // its plan points into its rows
  Replay& operator=(const Replay&) = delete;

  // Every instant at which something was recorded, or begins; ascending.
  [[nodiscard]] const std::vector<Instant>& instants() const {
    return instants_;
  }
  // False: CPU seconds of the readings are fractions of an unknown host.
  [[nodiscard]] bool cpus_known() const { return cpus_known_; }
  [[nodiscard]] const std::string& id() const { return rows_.front().id; }

  // Plays everything up to `now`. REQUIRES: `now` does not go back. To get a
  // sample of each row, call it at each of the instants(). The cgroup is
  // "/ID"; a new identity begins after each gap. Never fails.
  Result<const Readings*> collect(Instant now) override;

  // The row that the last collect() ended with: what a sample of that instant
  // was made from. Null where that was a baseline, or nothing.
  [[nodiscard]] const TraceRow* played() const { return played_; }

 private:
  void begin(Instant now);
  void advance(const TraceRow& row);

  std::vector<TraceRow> rows_;
  bool cpus_known_;
  std::vector<Instant> instants_;
  // What happens at each of them. Null: a baseline.
  std::vector<const TraceRow*> steps_;
  std::size_t next_ = 0;
  const TraceRow* played_ = nullptr;
  Readings readings_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_REPLAY_H_
