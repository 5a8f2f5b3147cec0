#include "counters/replay.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace cpi {
namespace {

constexpr double kHertz = 2e9;

// For an id with a single row, which has no spacing.
constexpr Duration kSomeSpacing = std::chrono::seconds(10);

Duration median_spacing(const std::vector<const TraceRow*>& rows) {
  if (rows.size() < 2) return kSomeSpacing;
  std::vector<Duration> spacings;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    spacings.push_back(rows[i]->time - rows[i - 1]->time);
  }
  const auto middle =
      spacings.begin() + (spacings.end() - spacings.begin()) / 2;
  std::nth_element(spacings.begin(), middle, spacings.end());
  return *middle;
}

std::uint64_t rounded(double value) {
  return static_cast<std::uint64_t>(std::llround(value));
}

// Adds what `row` says happened between the reading and it, evenly on every
// CPU: none can be busy for longer than the window.
void advance(Reading& reading, const TraceRow& row) {
  const Duration window = row.time - reading.time;
  const Duration used = from_seconds(row.cpu_usage * to_seconds(window));
  // Instructions are rounded first, so that the quotient is as exact as the
  // cycles, of which there are more.
  const double instructions = std::round(to_seconds(used) * kHertz / row.cpi);
  for (GroupCount& count : reading.counts) {
    count.instructions += rounded(instructions);
    count.cycles += rounded(instructions * row.cpi);
    count.enabled += used;
    count.running += used;
    reading.cpu_time = *reading.cpu_time + used;
  }
  reading.time = row.time;
}

}  // namespace

Replay::Replay(Trace trace, int cpus)
    : trace_(std::move(trace)), cpus_known_(cpus > 0) {
  readings_.host.online_cpus = cpus_known_ ? cpus : 1;
  std::map<std::string, std::vector<const TraceRow*>> by_id;
  for (const TraceRow& row : trace_.rows) by_id[row.id].push_back(&row);
  for (const auto& [id, rows] : by_id) plan(rows.front()->id, rows);
  // A baseline sorts before a row of the same instant.
  std::stable_sort(
      steps_.begin(), steps_.end(),
      [](const Step& a, const Step& b) { return a.time < b.time; });
  for (const Step& step : steps_) {
    if (instants_.empty() || instants_.back() != step.time) {
      instants_.push_back(step.time);
    }
  }
}

void Replay::plan(const std::string& id,
                  const std::vector<const TraceRow*>& rows) {
  const Duration spacing = median_spacing(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TraceRow& row = *rows[i];
    if (i == 0 || row.time - rows[i - 1]->time > kGap * spacing) {
      steps_.push_back({row.time - spacing, &id, nullptr, false});
    }
    steps_.push_back({row.time, &id, &row, i + 1 == rows.size()});
  }
}

Result<const Readings*> Replay::collect(Instant now) {
  for (const std::string& id : ended_) remove(id);
  ended_.clear();
  played_.clear();
  for (; next_ < steps_.size() && steps_[next_].time <= now; ++next_) {
    play(steps_[next_]);
  }
  readings_.host.time = now;
  return &readings_;
}

Reading& Replay::reading_of(const std::string& id) {
  const auto [slot, fresh] = slots_.try_emplace(id, readings_.services.size());
  if (fresh) readings_.services.emplace_back().workload = id;
  return readings_.services[slot->second].reading;
}

void Replay::remove(const std::string& id) {
  const auto found = slots_.find(id);
  const std::size_t slot = found->second;
  slots_.erase(found);
  if (slot + 1 < readings_.services.size()) {
    readings_.services[slot] = std::move(readings_.services.back());
    slots_[readings_.services[slot].workload] = slot;
  }
  readings_.services.pop_back();
}

void Replay::play(const Step& step) {
  Reading& reading = reading_of(*step.id);
  if (step.row != nullptr) {
    advance(reading, *step.row);
    played_.push_back(step.row);
    if (step.last) ended_.push_back(*step.id);
    return;
  }
  reading.cgroup.path = "/" + *step.id;
  ++reading.cgroup.inode;
  reading.time = step.time;
  reading.cpu_time = Duration::zero();
  reading.counts.clear();
  for (int cpu = 0; cpu < readings_.host.online_cpus; ++cpu) {
    reading.counts.emplace_back().cpu = cpu;
  }
}

}  // namespace cpi
