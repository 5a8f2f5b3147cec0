#include "sim/figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace cpi::sim {
namespace {

double percent(int part, int whole) {
  return whole > 0 ? 100.0 * part / whole : 0;
}

void append(std::vector<int>& to, const std::vector<int>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

double mean(double sum, int count) { return count > 0 ? sum / count : 0; }

struct Column {
  std::string_view title;
  std::string text;
};

std::vector<Column> columns_of(const Tally& t) {
  const auto whole = [](auto number) { return fmt::format("{}", number); };
  const auto share = [](int part, int all) {
    return fmt::format("{:.1f}", percent(part, all));
  };
  return {
      {"runs", whole(t.runs)},
      {"incident%", share(t.incidents, t.runs)},
      {"guilty 1st%", share(t.first, t.blamed)},
      {"found%", share(t.found, t.runs)},
      {"caught%", share(t.caught, t.runs)},
      {"innocents%", share(t.innocents, t.bystanders)},
      {"held%", share(t.held, t.bystanders)},
      {"moves", whole(t.moves)},
      {"wrong", whole(t.moved)},
      {"freezes", whole(t.freezes)},
      {"false", whole(t.false_cuts)},
      {"stale", whole(t.stale_cuts)},
      {"told 50", whole(quantile(t.notifications, 0.5))},
      {"95", whole(quantile(t.notifications, 0.95))},
      {"most", whole(quantile(t.notifications, 1))},
      {"anomal.%", fmt::format("{:.1f}", 100 * mean(t.anomalous, t.runs))},
      {"relief 50", whole(quantile(t.relief, 0.5))},
      {"95", whole(quantile(t.relief, 0.95))},
      {"normal 50", whole(quantile(t.normal, 0.5))},
      {"95", whole(quantile(t.normal, 0.95))},
      {"thr. h", fmt::format("{:.2f}", to_seconds(t.longest_throttled) / 3600)},
      {"viol.", whole(t.violations.above_original + t.violations.under_floor +
                      t.violations.outlived_lease)},
  };
}

}  // namespace

int quantile(std::vector<int> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double last = static_cast<double>(values.size()) - 1;
  return values[static_cast<std::size_t>(share * last)];
}

void Tally::add(const Result& result) {
  Tally one;
  one.runs = 1;
  one.incidents = result.incident;
  one.blamed = result.guilty_first.has_value();
  one.first = result.guilty_first.value_or(false);
  one.found = result.guilty_cut;
  one.caught = result.guilty_cut && result.caught;
  one.innocent_runs = result.innocents_cut > 0;
  one.innocents = result.innocents_cut;
  one.bystanders = result.bystanders;
  one.moved = result.innocents_moved;
  one.held = result.innocents_held;
  one.moves = result.moves;
  one.freezes = result.freezes;
  one.false_cuts = result.false_cuts;
  one.stale_cuts = result.stale_cuts;
  one.notifications = {result.notifications};
  one.anomalous = static_cast<double>(result.anomalous) / result.windows;
  if (result.windows_to_relief) one.relief = {*result.windows_to_relief};
  if (result.windows_to_normal) one.normal = {*result.windows_to_normal};
  one.longest_throttled = result.longest_throttled;
  one.violations = result.violations;
  merge(one);
}

void Tally::merge(const Tally& other) {
  runs += other.runs;
  incidents += other.incidents;
  blamed += other.blamed;
  first += other.first;
  found += other.found;
  caught += other.caught;
  innocent_runs += other.innocent_runs;
  innocents += other.innocents;
  bystanders += other.bystanders;
  moved += other.moved;
  held += other.held;
  moves += other.moves;
  freezes += other.freezes;
  false_cuts += other.false_cuts;
  stale_cuts += other.stale_cuts;
  anomalous += other.anomalous;
  append(notifications, other.notifications);
  append(relief, other.relief);
  append(normal, other.normal);
  longest_throttled = std::max(longest_throttled, other.longest_throttled);
  violations.above_original += other.violations.above_original;
  violations.under_floor += other.violations.under_floor;
  violations.outlived_lease += other.violations.outlived_lease;
}

std::string Figures::table() const {
  std::string text = fmt::format("{:<12}", "kind");
  for (const Column& column : columns_of({})) {
    text += fmt::format("  {:>4}", column.title);
  }
  text += '\n';
  for (int i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    text += fmt::format("{:<12}", to_string(kind));
    for (const Column& column : columns_of(of(kind))) {
      const auto width = std::max<std::size_t>(column.title.size(), 4);
      text += fmt::format("  {:>{}}", column.text, width);
    }
    text += '\n';
  }
  return text;
}

}  // namespace cpi::sim
