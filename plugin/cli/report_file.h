// The report that several commands can write.
#ifndef CPI_CLI_REPORT_FILE_H_
#define CPI_CLI_REPORT_FILE_H_

#include <CLI/CLI.hpp>

#include <string>

#include "base/result.h"
#include "report/story.h"

namespace cpi {

struct ReportOptions {
  std::string output;  // "-": standard output; empty: no report is asked for
  std::string language = "en";
  std::string zone;  // "": the host's

  // Adds -o, --lang and --tz to a command; for one that writes nothing without
  // being asked the file is optional.
  void add_to(CLI::App& command);
};

// Cuts the story to its period, makes the page and writes it, whole or not at
// all. Shows progress.
Result<> write_report(Story story, const ReportOptions& options);

}  // namespace cpi

#endif  // CPI_CLI_REPORT_FILE_H_
