#include "incident/suspects.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cpi {
namespace {

// A deviation of so many standard deviations says all that one window can.
constexpr float kClip = 4;
constexpr float kUnmeasured = std::numeric_limits<float>::quiet_NaN();

std::size_t ring_size(const SuspectsConfig& config) {
  return std::max<std::size_t>(1, config.windows);
}

// They are sorted by reference: a suspect is dear to move.
using Order = std::vector<Suspect*>;

void sort_by_correlation(Order& order) {
  // Equals keep no order of their own in a hash table: the inode decides.
  std::sort(order.begin(), order.end(), [](const Suspect* a, const Suspect* b) {
    return std::pair(-a->correlation, a->cgroup.inode) <
           std::pair(-b->correlation, b->cgroup.inode);
  });
}

// Every group of equals, which are those within `tie` of their best, by CPU
// use. REQUIRES: sorted by correlation, highest first.
void settle_ties(Order& order, double tie) {
  auto first = order.begin();
  while (first != order.end()) {
    const double limit = (*first)->correlation - tie;
    const auto last = std::find_if(
        first, order.end(),
        [limit](const Suspect* other) { return other->correlation < limit; });
    if (last - first == 1) (*first)->stands_out = (*first)->explains;
    std::stable_sort(first, last, [](const Suspect* a, const Suspect* b) {
      return a->cpus > b->cpus;
    });
    first = last;
  }
}

}  // namespace

Suspects::Suspects(const SuspectsConfig& config)
    : config_(config), times_(ring_size(config)) {}

void Suspects::advance(Series& series, float absent) {
  if (!series.values.empty()) series.values[slot_] = absent;
}

void Suspects::put(Series& series, double value, float absent) {
  if (series.values.empty()) series.values.assign(times_.size(), absent);
  series.values[slot_] = static_cast<float>(value);
  series.seen = window_;
}

void Suspects::observe(const std::vector<Sample>& batch, Instant now) {
  ++window_;
  slot_ = window_ % times_.size();
  times_[slot_] = now;
  for (auto& [cgroup, series] : batch_) advance(series, 0);
  for (auto& [cgroup, signals] : victims_) {
    for (Series& series : signals) advance(series, kUnmeasured);
  }
  forget_outdated();
  for (const Sample& sample : batch) {
    const double cpus = sample.cpus.value_or(0);
    if (!(cpus > 0)) continue;
    Series& series = batch_[sample.cgroup];
    if (series.values.empty()) series.workload = sample.workload;
    put(series, cpus, 0);
  }
}

void Suspects::forget_outdated() {
  const auto outdated = [this](const Series& series) {
    return series.seen + times_.size() <= window_;
  };
  std::erase_if(batch_,
                [&](const auto& entry) { return outdated(entry.second); });
  std::erase_if(victims_, [&](const auto& entry) {
    return std::all_of(entry.second.begin(), entry.second.end(), outdated);
  });
}

void Suspects::observe(const CgroupId& victim, Signal signal,
                       double deviation) {
  put(victims_[victim][static_cast<std::size_t>(signal)], deviation,
      kUnmeasured);
}

Suspects::Lens Suspects::look(const Series& deviations, Instant onset) const {
  Lens lens;
  const std::size_t size = times_.size();
  lens.measured.resize(size);
  lens.harm.resize(size);
  lens.recent.resize(size);
  double harm = 0;
  double windows = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const float deviation = deviations.values[i];
    if (std::isnan(deviation)) continue;
    lens.measured[i] = 1;
    lens.harm[i] = std::clamp(deviation / kClip, -1.0F, 1.0F);
    lens.recent[i] = times_[i] >= onset ? 1 : 0;
    lens.recent_windows += lens.recent[i];
    harm += lens.harm[i];
    ++windows;
  }
  lens.always_on = harm / std::max(1.0, windows);
  return lens;
}

Suspect Suspects::judge(const CgroupId& cgroup, const Series& use,
                        const Lens& lens) const {
  float sum = 0;
  float harm = 0;
  float recent = 0;
  float busiest = 0;
  for (std::size_t i = 0; i < use.values.size(); ++i) {
    const float cpus = use.values[i];
    sum += cpus * lens.measured[i];
    harm += cpus * lens.harm[i];
    recent += cpus * lens.recent[i];
    busiest = std::max(busiest, cpus * lens.recent[i]);
  }
  Suspect suspect;
  suspect.cgroup = cgroup;
  suspect.workload = use.workload;
  suspect.cpus = recent / std::max(1.0F, lens.recent_windows);
  suspect.busiest_cpus = busiest;
  if (sum > 0) suspect.correlation = harm / sum;
  suspect.explains = suspect.correlation >= config_.min_correlation &&
                     suspect.correlation >= lens.always_on + config_.tie;
  return suspect;
}

std::vector<Suspect> Suspects::rank(const Incident& incident) const {
  std::vector<Suspect> suspects;
  const auto victim = victims_.find(incident.victim);
  if (victim == victims_.end()) return suspects;
  const Series& deviations =
      victim->second[static_cast<std::size_t>(incident.signal)];
  if (deviations.values.empty()) return suspects;
  const Lens lens = look(deviations, incident.onset);
  for (const auto& [cgroup, use] : batch_) {
    if (cgroup == incident.victim) continue;
    Suspect suspect = judge(cgroup, use, lens);
    if (suspect.cpus >= config_.min_cpus) {
      suspects.push_back(std::move(suspect));
    }
  }
  Order order;
  for (Suspect& suspect : suspects) order.push_back(&suspect);
  sort_by_correlation(order);
  settle_ties(order, config_.tie);
  std::vector<Suspect> ranking;
  ranking.reserve(order.size());
  for (Suspect* suspect : order) ranking.push_back(std::move(*suspect));
  return ranking;
}

}  // namespace cpi
