// A picture as data: what is drawn is what stands in its tables, so that those
// who cannot see it read the same.
#ifndef CPI_REPORT_FIGURE_H_
#define CPI_REPORT_FIGURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/zone.h"

namespace cpi {

struct Column {
  std::string name;
  // What the chart makes of it, a word of report.js; empty: nothing.
  std::string role;
};

struct Row {
  // The instant of a row whose first cell is a time.
  std::optional<std::int64_t> time_ms;
  // One per column; the first is the row's name.
  std::vector<std::string> cells;
};

struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<Row> rows;
};

struct Figure {
  std::string title;
  // What there is to see, in sentences.
  std::string summary;
  // "timeline", "clusters", "suspects", "steps" or "days"; see report.js.
  std::string kind;
  // Of those with a time axis.
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
  std::vector<TimeTick> ticks;
  std::vector<Table> tables;
};

// The number with four digits; "–" where it was not measured.
std::string cell(double value);

}  // namespace cpi

#endif  // CPI_REPORT_FIGURE_H_
