// How well a configuration finds the interference in a labelled recording:
// trains on undisturbed runs, holds some back, and judges those and all others
// with the pipeline's own models and detectors.
#ifndef CPI_CLI_EVALUATION_H_
#define CPI_CLI_EVALUATION_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "cli/runs.h"
#include "incident/incident.h"
#include "model/state.h"
#include "watch.h"

namespace cpi {

// Who judges. The last two are what others use, over one mean and standard
// deviation of the CPI of all training samples, whatever the usage.
enum class Judge {
  cpi,          // this project
  fleet,        // CPI² (EuroSys 2013): three beyond 2σ within five minutes
  consecutive,  // three beyond 2σ in a row
};
inline constexpr int kJudges = 3;

std::string_view to_string(Judge judge);

// One run under one judge.
struct Found {
  // Samples from the start of the run to the incident; absent: none.
  std::optional<int> after;
};

// One run in one rotation.
struct JudgedRun {
  const Run* run = nullptr;
  bool held_out = false;  // a baseline: every incident is false
  Found found[kJudges];
  // Per sample: our deviation, and that from the one mean.
  std::vector<double> deviations;
  std::vector<double> plain_deviations;
  int unvisited = 0;                // samples at usages without experience
  int silent = 0;                   // samples that got no verdict
  std::vector<Incident> incidents;  // as they were found
};

// Trains on these runs, judges those.
struct Rotation {
  std::string name;  // what is held out
  std::vector<const Run*> train;
  std::vector<const Run*> held_out;
};

struct Evaluation {
  std::vector<Rotation> rotations;
  std::vector<JudgedRun> trials;
  // Runs of services that have no undisturbed run to learn from.
  int without_training = 0;
  // By service, as the last rotation trained them.
  std::map<std::string, ServiceState> models;
};

// Holds out each baseline label in turn; where there is only one, each third
// of its runs; where there is only one run, its second half is judged by its
// first (`halves` then owns them). Other runs are judged in every rotation.
std::vector<Rotation> rotations_of(const std::vector<Run>& runs,
                                   const std::vector<std::string>& baselines,
                                   std::vector<Run>& halves);

// `progress`: called with the share done, 0…1, now and then. `seen`: called
// with every judgement, in every rotation.
Evaluation evaluate(
    const Config& config, const std::vector<Run>& runs,
    std::vector<Rotation> rotations, const std::vector<std::string>& baselines,
    const std::function<void(double)>& progress,
    const std::function<void(const Judgement&)>& seen = [](const Judgement&) {
    });

// What is told about all trials of one label.
struct LabelSummary {
  std::string label;
  bool held_out = false;
  int trials = 0;
  int found[kJudges] = {};
  std::optional<double> median_after[kJudges];  // samples, of those found
  // Share of samples beyond the threshold at which 1 % of held-out baseline
  // samples are: by our deviation, and by that from the one mean.
  double beyond = 0;
  double plain_beyond = 0;
  int samples = 0;
  int unvisited = 0;
  int silent = 0;
};

std::vector<LabelSummary> summarise(const Evaluation& evaluation);

}  // namespace cpi

#endif  // CPI_CLI_EVALUATION_H_
