// A labelled recording, cut into runs: stretches of one service under one
// condition. The unit in which `cpictl evaluate` counts.
#ifndef CPI_CLI_RUNS_H_
#define CPI_CLI_RUNS_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/recording.h"

namespace cpi {

struct Run {
  std::string service;
  std::string label;
  std::vector<Sample> samples;  // in order of time
};

// Cuts at holes, where the label changes, and where another label changes that
// describes runs, not samples: one that is the same in neighbouring samples of
// a service at least nineteen times in twenty.
Result<std::vector<Run>> runs_of(const Recording& recording,
                                 const std::string& label_column);

// A recording without labels: all samples of a service are one run, holes and
// all.
std::vector<Run> unlabelled_runs(const Recording& recording);

struct Baselines {
  std::vector<std::string> labels;
  std::string reason;  // how they were recognised, for people
};

// The labels that mean "no interference":
//   1. those that say so themselves ("baseline", "normal", "none", …),
//   2. else those of which every sample says so in one other column,
//   3. else "0", "false", "no" or an empty label,
//   4. else the smallest number, or the label of the first sample.
// REQUIRES: there is such a column, and a sample.
Baselines find_baselines(const Recording& recording,
                         const std::string& label_column);

}  // namespace cpi

#endif  // CPI_CLI_RUNS_H_
