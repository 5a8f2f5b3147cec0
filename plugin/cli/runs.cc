#include "cli/runs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace cpi {
namespace {

constexpr double kChangesOfARunColumn = 0.05;

// The columns in which neighbouring samples seldom differ.
std::vector<std::size_t> run_columns(const Recording& recording) {
  std::vector<double> changes(recording.columns.size());
  double pairs = 0;
  for (const auto& [service, samples] : recording.services) {
    for (std::size_t i = 1; i < samples.size(); ++i, ++pairs) {
      for (std::size_t column = 0; column < changes.size(); ++column) {
        changes[column] +=
            samples[i].labels[column] != samples[i - 1].labels[column];
      }
    }
  }
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < changes.size(); ++column) {
    if (changes[column] <= kChangesOfARunColumn * pairs) {
      columns.push_back(column);
    }
  }
  return columns;
}

// Whether one of its words says that nothing disturbs.
bool says_baseline(const std::string& text) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "baseline", "normal", "none", "idle",   "clean",
      "isolated", "alone",  "solo", "control"};
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const auto letter =
        static_cast<unsigned char>(i < text.size() ? text[i] : '\0');
    if (std::isalpha(letter)) {
      word += static_cast<char>(std::tolower(letter));
      continue;
    }
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) {
      return true;
    }
    word.clear();
  }
  return false;
}

bool means_no(const std::string& label) {
  return label.empty() || label == "0" || label == "false" || label == "no";
}

// Labels of which every sample says "baseline" in this column; none if all do.
std::set<std::string> described_by(const Recording& recording,
                                   std::size_t label, std::size_t column) {
  std::map<std::string, bool> says;
  for (const auto& [service, samples] : recording.services) {
    for (const LabelledSample& sample : samples) {
      const bool baseline = says_baseline(sample.labels[column]);
      const auto [entry, first] =
          says.try_emplace(sample.labels[label], baseline);
      entry->second = entry->second && baseline;
    }
  }
  std::set<std::string> labels;
  for (const auto& [value, baseline] : says) {
    if (baseline) labels.insert(value);
  }
  return labels.size() < says.size() ? labels : std::set<std::string>{};
}

std::set<std::string> all_labels(const Recording& recording,
                                 std::size_t label) {
  std::set<std::string> labels;
  for (const auto& [service, samples] : recording.services) {
    for (const auto& sample : samples) labels.insert(sample.labels[label]);
  }
  return labels;
}

std::string smallest_or_first(const Recording& recording, std::size_t label) {
  const auto labels = all_labels(recording, label);
  std::pair<double, std::string> smallest{HUGE_VAL, {}};
  for (const std::string& text : labels) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') {
      return recording.services.begin()->second.front().labels[label];
    }
    smallest = std::min(smallest, std::pair(number, text));
  }
  return smallest.second;
}

}  // namespace

Result<std::vector<Run>> runs_of(const Recording& recording,
                                 const std::string& label_column) {
  const auto label = recording.column(label_column);
  if (!label) {
    return tl::make_unexpected(no_such_column(label_column, recording.columns));
  }
  auto columns = run_columns(recording);
  columns.push_back(*label);
  const auto continues = [&](const LabelledSample& before,
                             const LabelledSample& now) {
    return now.sample.begin == before.sample.end &&
           std::all_of(columns.begin(), columns.end(), [&](std::size_t i) {
             return before.labels[i] == now.labels[i];
           });
  };
  std::vector<Run> runs;
  for (const auto& [service, samples] : recording.services) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i == 0 || !continues(samples[i - 1], samples[i])) {
        runs.push_back({service, samples[i].labels[*label], {}});
      }
      runs.back().samples.push_back(samples[i].sample);
    }
  }
  return runs;
}

std::vector<Run> unlabelled_runs(const Recording& recording) {
  std::vector<Run> runs;
  for (const auto& [service, samples] : recording.services) {
    runs.push_back({service, "", {}});
    for (const auto& labelled : samples) {
      runs.back().samples.push_back(labelled.sample);
    }
  }
  return runs;
}

Baselines find_baselines(const Recording& recording,
                         const std::string& label_column) {
  const std::size_t label = *recording.column(label_column);
  const auto chosen = [](const std::set<std::string>& labels,
                         std::string reason) {
    return Baselines{{labels.begin(), labels.end()}, std::move(reason)};
  };
  const auto named = described_by(recording, label, label);
  if (!named.empty()) return chosen(named, "by name");
  for (std::size_t i = 0; i < recording.columns.size(); ++i) {
    const auto described = described_by(recording, label, i);
    if (!described.empty()) {
      return chosen(described, "by column " + recording.columns[i]);
    }
  }
  std::set<std::string> plain;
  for (const std::string& text : all_labels(recording, label)) {
    if (means_no(text)) plain.insert(text);
  }
  if (!plain.empty()) return chosen(plain, "as they mean no");
  return chosen({smallest_or_first(recording, label)},
                "as the smallest or first: nothing says which, so check it");
}

}  // namespace cpi
