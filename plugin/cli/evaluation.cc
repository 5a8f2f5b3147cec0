#include "cli/evaluation.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>

#include "cli/training.h"
#include "watch.h"

namespace cpi {
namespace {

constexpr int kThirds = 3;
constexpr double kRuleDeviations = 2;
constexpr int kRuleSamples = 3;
constexpr Duration kRuleWindow = std::chrono::minutes(5);
constexpr double kFalseAlarms = 0.01;

bool contains(const std::vector<std::string>& labels,
              const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// One mean and standard deviation for everything: the rules to beat.
struct Plain {
  Moments moments;

  [[nodiscard]] double deviation(const Sample& sample) const {
    const double sigma = std::sqrt(moments.m2 / (moments.weight - 1));
    return sigma > 0 ? (sample.counted->cpi() - moments.mean) / sigma : 0;
  }
};

Plain plain_of(const std::vector<const std::vector<Sample>*>& stretches) {
  Plain plain;
  for (const auto* samples : stretches) {
    for (const Sample& sample : *samples) {
      if (!sample.counted) continue;
      plain.moments.add(sample.counted->cpi(), 1, HUGE_VAL);
    }
  }
  return plain;
}

void judge_plainly(const Plain& plain, JudgedRun& trial) {
  std::deque<Instant> recent;
  int in_a_row = 0;
  int position = 0;
  for (const Sample& sample : trial.run->samples) {
    ++position;
    if (!sample.counted || plain.moments.weight < 2) continue;
    const double deviation = plain.deviation(sample);
    trial.plain_deviations.push_back(deviation);
    const bool beyond = deviation > kRuleDeviations;
    in_a_row = beyond ? in_a_row + 1 : 0;
    if (beyond) recent.push_back(sample.end);
    while (!recent.empty() && recent.front() <= sample.end - kRuleWindow) {
      recent.pop_front();
    }
    const auto note = [&](Judge judge, int samples) {
      auto& after = trial.found[static_cast<int>(judge)].after;
      if (samples >= kRuleSamples && !after) after = position;
    };
    note(Judge::fleet, static_cast<int>(recent.size()));
    note(Judge::consecutive, in_a_row);
  }
}

// Judges with a copy of the watch, so that no run learns from another, and
// goes on learning as in production.
void judge(Watch watch, JudgedRun& trial,
           const std::function<void(const Judgement&)>& seen) {
  int position = 0;
  for (const Sample& sample : trial.run->samples) {
    ++position;
    const Judgement judgement = watch.judge(sample, std::nullopt);
    seen(judgement);
    bool verdict = false;
    bool unvisited = false;
    for (const auto& finding : judgement.findings) {
      if (!finding) continue;
      verdict = verdict || finding->score.judged();
      unvisited = unvisited || finding->score.unvisited;
      auto& after = trial.found[static_cast<int>(Judge::cpi)].after;
      if (finding->change != Change::opened) continue;
      if (!after) after = position;
      trial.incidents.push_back(*finding->incident);
    }
    if (const auto& scored = judgement.findings[0]) {
      trial.deviations.push_back(scored->score.deviation);
    }
    trial.unvisited += unvisited;
    trial.silent += !verdict;
  }
}

// What one rotation does with the runs of one service.
struct Task {
  std::vector<const std::vector<Sample>*> train;
  std::vector<JudgedRun> trials;
};

std::map<std::string, Task> tasks_of(const Rotation& rotation,
                                     const std::vector<const Run*>& disturbed) {
  std::map<std::string, Task> tasks;
  for (const Run* run : rotation.train) {
    tasks[run->service].train.push_back(&run->samples);
  }
  const auto judge_later = [&](const Run* run, bool held_out) {
    JudgedRun& trial = tasks[run->service].trials.emplace_back();
    trial.run = run;
    trial.held_out = held_out;
  };
  for (const Run* run : rotation.held_out) judge_later(run, true);
  for (const Run* run : disturbed) judge_later(run, false);
  return tasks;
}

void carry_out(const Config& config, const std::string& service,
               const Task& task, Evaluation& evaluation,
               const std::function<void(const Judgement&)>& seen) {
  if (task.train.empty()) {
    evaluation.without_training += static_cast<int>(task.trials.size());
    return;
  }
  Watch watch(service, config.model, config.detector);
  train(watch, task.train);
  evaluation.models.insert_or_assign(service, watch.state());
  const Plain plain = plain_of(task.train);
  for (JudgedRun trial : task.trials) {
    judge(watch, trial, seen);
    judge_plainly(plain, trial);
    evaluation.trials.push_back(std::move(trial));
  }
}

// The deviation beyond which `kFalseAlarms` of these lie.
double threshold_of(std::vector<double> deviations) {
  if (deviations.empty()) return HUGE_VAL;
  const auto rank = static_cast<std::ptrdiff_t>(
      (1 - kFalseAlarms) * static_cast<double>(deviations.size() - 1));
  std::nth_element(deviations.begin(), deviations.begin() + rank,
                   deviations.end());
  return deviations[rank];
}

double share_beyond(const std::vector<double>& deviations, double threshold) {
  if (deviations.empty()) return 0;
  const auto beyond =
      std::count_if(deviations.begin(), deviations.end(),
                    [&](double deviation) { return deviation > threshold; });
  return static_cast<double>(beyond) / static_cast<double>(deviations.size());
}

std::optional<double> median(std::vector<int> values) {
  if (values.empty()) return std::nullopt;
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2.0;
}

template <class Member>
std::vector<double> joined(const std::vector<const JudgedRun*>& trials,
                           Member member) {
  std::vector<double> all;
  for (const JudgedRun* trial : trials) {
    const auto& values = trial->*member;
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

LabelSummary summary_of(const std::string& label, bool held_out,
                        const std::vector<const JudgedRun*>& trials,
                        double threshold, double plain_threshold) {
  LabelSummary summary;
  summary.label = label;
  summary.held_out = held_out;
  summary.trials = static_cast<int>(trials.size());
  for (int judge = 0; judge < kJudges; ++judge) {
    std::vector<int> after;
    for (const JudgedRun* trial : trials) {
      if (trial->found[judge].after)
        after.push_back(*trial->found[judge].after);
    }
    summary.found[judge] = static_cast<int>(after.size());
    summary.median_after[judge] = median(std::move(after));
  }
  summary.beyond =
      share_beyond(joined(trials, &JudgedRun::deviations), threshold);
  summary.plain_beyond = share_beyond(
      joined(trials, &JudgedRun::plain_deviations), plain_threshold);
  for (const JudgedRun* trial : trials) {
    summary.samples += static_cast<int>(trial->run->samples.size());
    summary.unvisited += trial->unvisited;
    summary.silent += trial->silent;
  }
  return summary;
}

Rotation rotation_without(const std::vector<const Run*>& baselines,
                          std::string name,
                          const std::function<bool(const Run&, int)>& held) {
  Rotation rotation;
  rotation.name = std::move(name);
  std::map<std::string, int> position;  // within the runs of one service
  for (const Run* run : baselines) {
    const bool out = held(*run, position[run->service]++);
    (out ? rotation.held_out : rotation.train).push_back(run);
  }
  return rotation;
}

}  // namespace

std::string_view to_string(Judge judge) {
  switch (judge) {
    case Judge::cpi:
      return "collectd-cpi";
    case Judge::fleet:
      return "mean + 2 sigma, 3 in 5 min";
    case Judge::consecutive:
      return "mean + 2 sigma, 3 in a row";
  }
  return "unknown";
}

std::vector<Rotation> rotations_of(const std::vector<Run>& runs,
                                   const std::vector<std::string>& baselines,
                                   std::vector<Run>& halves) {
  std::vector<const Run*> undisturbed;
  std::set<std::string> labels;
  std::map<std::string, int> runs_per_service;
  for (const Run& run : runs) {
    if (!contains(baselines, run.label)) continue;
    undisturbed.push_back(&run);
    labels.insert(run.label);
    ++runs_per_service[run.service];
  }
  std::vector<Rotation> rotations;
  if (labels.size() > 1) {
    for (const std::string& label : labels) {
      rotations.push_back(rotation_without(
          undisturbed, label,
          [&](const Run& run, int) { return run.label == label; }));
    }
    return rotations;
  }
  const bool single =
      std::any_of(runs_per_service.begin(), runs_per_service.end(),
                  [](const auto& entry) { return entry.second < kThirds; });
  if (single) {
    halves.clear();
    halves.reserve(2 * undisturbed.size());
    for (const Run* run : undisturbed) {
      const auto middle = run->samples.begin() +
                          static_cast<std::ptrdiff_t>(run->samples.size() / 2);
      halves.push_back(
          {run->service, run->label, {run->samples.begin(), middle}});
      halves.push_back(
          {run->service, run->label, {middle, run->samples.end()}});
    }
    Rotation rotation{"second halves", {}, {}};
    for (std::size_t i = 0; i < halves.size(); ++i) {
      (i % 2 == 0 ? rotation.train : rotation.held_out).push_back(&halves[i]);
    }
    return {rotation};
  }
  for (int third = 0; third < kThirds; ++third) {
    rotations.push_back(rotation_without(
        undisturbed, "third " + std::to_string(third + 1),
        [&](const Run&, int position) { return position % kThirds == third; }));
  }
  return rotations;
}

Evaluation evaluate(const Config& config, const std::vector<Run>& runs,
                    std::vector<Rotation> rotations,
                    const std::vector<std::string>& baselines,
                    const std::function<void(double)>& progress,
                    const std::function<void(const Judgement&)>& seen) {
  Evaluation evaluation;
  evaluation.rotations = std::move(rotations);
  std::vector<const Run*> disturbed;
  for (const Run& run : runs) {
    if (!contains(baselines, run.label)) disturbed.push_back(&run);
  }
  const auto all = static_cast<double>(evaluation.rotations.size());
  double done = 0;
  for (const Rotation& rotation : evaluation.rotations) {
    const auto tasks = tasks_of(rotation, disturbed);
    for (const auto& [service, task] : tasks) {
      carry_out(config, service, task, evaluation, seen);
      done += 1 / (all * static_cast<double>(tasks.size()));
      progress(done);
    }
  }
  return evaluation;
}

std::vector<LabelSummary> summarise(const Evaluation& evaluation) {
  std::map<std::string, std::vector<const JudgedRun*>> by_label;
  std::vector<const JudgedRun*> held_out;
  for (const JudgedRun& trial : evaluation.trials) {
    if (trial.held_out) {
      held_out.push_back(&trial);
    } else {
      by_label[trial.run->label].push_back(&trial);
    }
  }
  const double threshold =
      threshold_of(joined(held_out, &JudgedRun::deviations));
  const double plain_threshold =
      threshold_of(joined(held_out, &JudgedRun::plain_deviations));
  std::vector<LabelSummary> summaries;
  summaries.push_back(summary_of("held-out baselines", true, held_out,
                                 threshold, plain_threshold));
  for (const auto& [label, trials] : by_label) {
    summaries.push_back(
        summary_of(label, false, trials, threshold, plain_threshold));
  }
  return summaries;
}

}  // namespace cpi
