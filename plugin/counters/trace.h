// Recorded CPI as a table: the input of replay.h.
#ifndef CPI_COUNTERS_TRACE_H_
#define CPI_COUNTERS_TRACE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace cpi {

// One recorded sample; it covers the time since the row before it of the same
// id.
struct TraceRow {
  std::string id;  // what was recorded: a service, a container
  Instant time{};
  double cpu_usage = 0;  // fraction of the host's CPUs, 0…1
  double cpi = 0;
  // What else the recording says, in the order of Trace::labels: "scenario".
  std::vector<std::string> labels;
};

struct Trace {
  std::vector<std::string> labels;  // names of the further columns
  std::vector<TraceRow> rows;       // by time; of equal times, as in the file
};

// A header names the columns, in any order. Required: id, timestamp_s
// (seconds, may have a fraction), cpu_usage, cpi. Every other column becomes
// a label. Fields hold no commas and no quotes. Fails with "NAME:LINE: what is
// wrong, what was expected"; then nothing is read at all. Wrong is also a row
// that is not later than the one before it of the same id.
Result<Trace> parse_trace(std::string_view text, const std::string& name);

// The same of a file.
Result<Trace> read_trace(const std::string& path);

// The rows of each id, in order; the ids by name.
std::vector<std::vector<TraceRow>> rows_by_id(std::vector<TraceRow> rows);

}  // namespace cpi

#endif  // CPI_COUNTERS_TRACE_H_
