// A recorded table as the pipeline's samples, each with its labels.
#ifndef CPI_CLI_RECORDING_H_
#define CPI_CLI_RECORDING_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/result.h"
#include "sample/sample.h"

namespace cpi {

// The most that Linux can be built for.
inline constexpr int kMaxCpus = 8192;

struct LabelledSample {
  Sample sample;
  std::vector<std::string> labels;  // in the order of Recording::columns
};

struct Recording {
  std::vector<std::string> columns;  // names of the labels
  // By service, each in order of time. A sample that does not begin where the
  // one before it ended follows a hole.
  std::map<std::string, std::vector<LabelledSample>> services;

  // Position of a label; absent where there is no such column.
  [[nodiscard]] std::optional<std::size_t> column(
      const std::string& name) const;
};

// The error for those who asked for a column that is none of these.
Error no_such_column(const std::string& name,
                     const std::vector<std::string>& columns);

// Plays a recording (counters/trace.h says which columns it has) through
// collector and sampler. Rows that do not meet all of `where`, each
// "COLUMN=VALUE" of a label or the id, are left out before. `cpus` of the
// recorded host, 0 if it is not known: then samples have no CPU count, and no
// noise floor. `progress` is called with the share done, 0…1, now and then.
Result<Recording> read_recording(
    const std::string& path, const std::vector<std::string>& where, int cpus,
    const SamplerConfig& config,
    const std::function<void(double)>& progress = [](double) {});

}  // namespace cpi

#endif  // CPI_CLI_RECORDING_H_
