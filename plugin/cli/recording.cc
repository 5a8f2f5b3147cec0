#include "cli/recording.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

// Leaves out rows in which the column differs.
Result<> keep_only(Trace& trace, const std::string& condition) {
  const auto equals = condition.find('=');
  if (equals == std::string::npos) {
    return fail(0, fmt::format("--where {}: expected COLUMN=VALUE", condition));
  }
  const std::string name = condition.substr(0, equals);
  const std::string value = condition.substr(equals + 1);
  const auto column = position_of(trace.labels, name);
  if (!column && name != "id") {
    return tl::make_unexpected(no_such_column(name, trace.labels));
  }
  std::erase_if(trace.rows, [&](const TraceRow& row) {
    return (column ? row.labels[*column] : row.id) != value;
  });
  if (trace.rows.empty()) {
    return fail(0, fmt::format("no row has {} {}", name, value),
                "see which values the column has");
  }
  return {};
}

std::vector<LabelledSample> samples_of(Replay& replay,
                                       const SamplerConfig& config) {
  std::vector<LabelledSample> labelled;
  Sampler sampler(config);
  for (const Instant now : replay.instants()) {
    const auto readings = replay.collect(now);
    const Samples& samples = sampler.update(**readings);
    if (!replay.played() || samples.services.empty()) continue;
    labelled.push_back({samples.services.front(), replay.played()->labels});
    if (!replay.cpus_known()) labelled.back().sample.cpus.reset();
  }
  return labelled;
}

}  // namespace

Error no_such_column(const std::string& name,
                     const std::vector<std::string>& columns) {
  return {0, fmt::format("there is no column {}", name),
          columns.empty()
              ? "this recording has no column but the required ones"
              : fmt::format("its columns are {}", fmt::join(columns, ", "))};
}

std::optional<std::size_t> Recording::column(const std::string& name) const {
  return position_of(columns, name);
}

Result<Recording> read_recording(const std::string& path,
                                 const std::vector<std::string>& where,
                                 int cpus, const SamplerConfig& config,
                                 const std::function<void(double)>& progress) {
  auto trace = read_trace(path);
  if (!trace) return fail(trace);
  for (const std::string& condition : where) {
    if (auto kept = keep_only(*trace, condition); !kept) {
      return fail(0, path + ": " + kept.error().what, kept.error().remedy);
    }
  }
  Recording recording;
  recording.columns = std::move(trace->labels);
  const auto rows = static_cast<double>(trace->rows.size());
  double done = 0;
  for (auto& of_id : rows_by_id(std::move(trace->rows))) {
    done += static_cast<double>(of_id.size());
    Replay replay(std::move(of_id), cpus);
    auto samples = samples_of(replay, config);
    if (!samples.empty()) recording.services[replay.id()] = std::move(samples);
    progress(done / rows);
  }
  return recording;
}

}  // namespace cpi
