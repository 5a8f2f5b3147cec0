#include "counters/replay.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace cpi {
namespace {

constexpr double kHertz = 2e9;

// For an id with a single row, which has no spacing.
constexpr Duration kSomeSpacing = std::chrono::seconds(10);

Duration median_spacing(const std::vector<TraceRow>& rows) {
  if (rows.size() < 2) return kSomeSpacing;
  std::vector<Duration> spacings;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    spacings.push_back(rows[i].time - rows[i - 1].time);
  }
  const auto middle =
      spacings.begin() + (spacings.end() - spacings.begin()) / 2;
  std::nth_element(spacings.begin(), middle, spacings.end());
  return *middle;
}

// Whatever a recording claims, no sum overflows.
constexpr double kMaxCount = 1e18;

std::uint64_t rounded(double value) {
  return static_cast<std::uint64_t>(std::llround(std::min(value, kMaxCount)));
}

void add(Duration& sum, Duration more) {
  sum += std::min(more, Duration::max() - sum);
}

}  // namespace

Replay::Replay(std::vector<TraceRow> rows, int cpus)
    : rows_(std::move(rows)), cpus_known_(cpus > 0) {
  readings_.host.online_cpus = cpus_known_ ? cpus : 1;
  const Duration spacing = median_spacing(rows_);
  const TraceRow* before = nullptr;
  for (const TraceRow& row : rows_) {
    if (!before || (row.time - before->time) / kGap > spacing) {
      instants_.push_back(row.time - spacing);
      steps_.push_back(nullptr);
    }
    instants_.push_back(row.time);
    steps_.push_back(&row);
    before = &row;
  }
}

Result<const Readings*> Replay::collect(Instant now) {
  played_ = nullptr;
  for (; next_ < steps_.size() && instants_[next_] <= now; ++next_) {
    played_ = steps_[next_];
    if (played_) {
      advance(*played_);
    } else {
      begin(instants_[next_]);
    }
  }
  readings_.host.time = now;
  return &readings_;
}

void Replay::begin(Instant now) {
  if (readings_.services.empty()) readings_.services.emplace_back();
  auto& [workload, reading] = readings_.services.front();
  workload = id();
  reading.cgroup.path = "/" + id();
  ++reading.cgroup.inode;
  reading.time = now;
  reading.cpu_time = Duration::zero();
  reading.counts.clear();
  for (int cpu = 0; cpu < readings_.host.online_cpus; ++cpu) {
    reading.counts.emplace_back().cpu = cpu;
  }
}

// Adds what `row` says happened since the last step, evenly on every CPU: none
// can be busy for longer than the window.
void Replay::advance(const TraceRow& row) {
  Reading& reading = readings_.services.front().reading;
  const Duration window = row.time - reading.time;
  const Duration used = from_seconds(row.cpu_usage * to_seconds(window));
  // Instructions are rounded first, so that the quotient is as exact as the
  // cycles, of which there are more.
  const double instructions = std::round(to_seconds(used) * kHertz / row.cpi);
  for (GroupCount& count : reading.counts) {
    count.instructions += rounded(instructions);
    count.cycles += rounded(instructions * row.cpi);
    add(count.enabled, used);
    add(count.running, used);
    add(*reading.cpu_time, used);
  }
  reading.time = row.time;
}

}  // namespace cpi
