// A Collector that plays a recording through the pipeline, as if its counts
// came from the kernel. At which speed is the caller's affair:
//
//   for (Instant now : replay.instants()) pipeline.tick(now);
#ifndef CPI_COUNTERS_REPLAY_H_
#define CPI_COUNTERS_REPLAY_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "counters/collector.h"
#include "counters/trace.h"

namespace cpi {

// Makes cumulative counts from which the sampler computes each row's usage and
// CPI again (to rounding, 1e-6), one sample per row:
// - Before the first row of an id, and before a row more than three times the
//   id's median spacing after the one before it, an instant is inserted, one
//   median spacing ahead, that is only a baseline: no sample spans a gap.
// - Where an id has no row at an instant, its reading of before is repeated
//   unchanged (same time), which makes no sample. After its last row it is
//   gone.
// Counts are at 2 GHz; there is no wait, throttling or steal. Not thread-safe.
class Replay final : public Collector {
 public:
  // A gap is longer than this many median spacings.
  static constexpr int kGap = 3;

  // `cpus` is the number of CPUs of the recorded host; 0: unknown, taken to
  // be one, so that usage is right and CPU seconds are not.
  explicit Replay(Trace trace, int cpus = 0);
  Replay(const Replay&) = delete;  // its plan points into its trace
  Replay& operator=(const Replay&) = delete;

  // Every instant at which something was recorded, or begins; ascending.
  [[nodiscard]] const std::vector<Instant>& instants() const {
    return instants_;
  }
  // False: CPU seconds of the readings are fractions of an unknown host.
  [[nodiscard]] bool cpus_known() const { return cpus_known_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }

  // Plays everything up to `now`. REQUIRES: `now` does not go back. To get a
  // sample of each row, call it at each of the instants(). The cgroup of an id
  // is "/ID"; a new identity begins after each gap. Never fails.
  Result<const Readings*> collect(Instant now) override;

  // The rows that the last collect() played: with their labels, what a sample
  // of that instant was made from. Pointers into trace().
  [[nodiscard]] const std::vector<const TraceRow*>& played() const {
    return played_;
  }

 private:
  // What happens to one id at one instant. No row: a baseline.
  struct Step {
    Instant time{};
    const std::string* id = nullptr;
    const TraceRow* row = nullptr;
    bool last = false;
  };

  void plan(const std::string& id, const std::vector<const TraceRow*>& rows);
  void play(const Step& step);
  Reading& reading_of(const std::string& id);
  // Its place goes to the last one.
  void remove(const std::string& id);

  Trace trace_;
  bool cpus_known_;
  std::vector<Step> steps_;  // by time
  std::vector<Instant> instants_;
  std::size_t next_ = 0;
  // Where each id that is alive is among the readings: what does not change
  // is not touched.
  std::unordered_map<std::string, std::size_t> slots_;
  std::vector<std::string> ended_;
  std::vector<const TraceRow*> played_;
  Readings readings_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_REPLAY_H_
