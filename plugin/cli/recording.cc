#include "cli/recording.h"

#include <algorithm>
#include <utility>

#include "counters/replay.h"
#include "counters/trace.h"
#include "sample/sampler.h"

namespace cpi {
namespace {

std::optional<std::size_t> position_of(const std::vector<std::string>& names,
                                       const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

// Leaves out rows in which the label differs.
Result<> keep_only(Trace& trace, const std::string& condition) {
  const auto equals = condition.find('=');
  if (equals == std::string::npos) {
    return fail(0, condition + ": expected COLUMN=VALUE");
  }
  const std::string name = condition.substr(0, equals);
  const std::string value = condition.substr(equals + 1);
  const auto column = position_of(trace.labels, name);
  if (!column) return fail(0, "there is no column " + name);
  std::erase_if(trace.rows, [&](const TraceRow& row) {
    return row.labels[*column] != value;
  });
  if (trace.rows.empty()) return fail(0, "no row has " + condition);
  return {};
}

void add(const Samples& samples, const Replay& replay, Recording& recording) {
  for (const TraceRow* row : replay.played()) {
    const auto sample = std::find_if(
        samples.services.begin(), samples.services.end(), [&](const Sample& s) {
          return s.workload == row->id && s.end == row->time;
        });
    if (sample == samples.services.end()) continue;
    auto& samples_of = recording.services[row->id];
    samples_of.push_back({*sample, row->labels});
    if (!replay.cpus_known()) samples_of.back().sample.cpus.reset();
  }
}

}  // namespace

std::optional<std::size_t> Recording::column(const std::string& name) const {
  return position_of(columns, name);
}

Result<Recording> read_recording(const std::string& path,
                                 const std::vector<std::string>& where,
                                 int cpus, const SamplerConfig& config) {
  auto trace = read_trace(path);
  if (!trace) return fail(trace);
  for (const std::string& condition : where) {
    if (auto kept = keep_only(*trace, condition); !kept) return fail(kept);
  }
  Recording recording;
  recording.columns = trace->labels;
  Replay replay(*std::move(trace), cpus);
  Sampler sampler(config);
  for (const Instant now : replay.instants()) {
    const auto readings = replay.collect(now);
    if (!readings) return fail(readings);
    add(sampler.update(**readings), replay, recording);
  }
  return recording;
}

}  // namespace cpi
