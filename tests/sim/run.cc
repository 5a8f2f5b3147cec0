// One life: the agent against the world, and a witness that knows the truth.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "sim/agent.h"
#include "sim/scenario.h"

namespace cpi::sim {
namespace {

constexpr Duration kLatest = std::chrono::minutes(30);

// Sees everything and says nothing.
class Witness {
 public:
  Witness(const Scenario& scenario, Result& result)
      : scenario_(scenario),
        result_(result),
        end_(scenario.world.now() + scenario.length),
        harms_(scenario.world.readings().services.size()) {}

  void see_truth(const World& world) {
    ++result_.windows;
    bool relieved = true;
    for (std::size_t i = 0; i < harms_.size(); ++i) {
      Harm& harm = harms_[i];
      if (world.is_harmed(i)) harm.windows.insert(world.now());
      const double now = world.harm(i) + world.starvation(i);
      harm.worst = std::max(harm.worst, now);
      if (is_late(world.now())) harm.latest += now;
      relieved = relieved && harm.worst > 0 && now <= harm.worst / 2;
    }
    if (relieved && !result_.windows_to_relief) {
      result_.windows_to_relief = windows_since_onset(world.now());
    }
  }

  void see_throttles(World& world) {
    for (const Container& container : world.containers()) {
      if (!container.quota) continue;
      result_.violations.outlived_lease += container.leased_until < world.now();
      throttled_[container.cgroup] += kWindow;
    }
  }

  void see(const Agent& agent, const Decision& decision, World& world) {
    result_.anomalous += agent.anomaly();
    result_.notifications += static_cast<int>(decision.notices.size());
    const bool after = world.now() >= scenario_.onset;
    const bool incident = !agent.incidents().empty();
    if (after && incident) {
      result_.incident = true;
      result_.windows_to_normal.reset();
    } else if (after && result_.incident && !result_.windows_to_normal) {
      result_.windows_to_normal = windows_since_onset(world.now());
    }
    bool cut = false;
    for (const Action& action : decision.actions) {
      if (const auto* lower = std::get_if<Lower>(&action.verb)) {
        see_cut(*lower, world);
        cut = true;
      } else if (const auto* move = std::get_if<Reschedule>(&action.verb)) {
        ++result_.moves;
        result_.innocents_moved += !world.find(move->cgroup)->guilty();
      } else if (std::holds_alternative<Freeze>(action.verb)) {
        ++result_.freezes;
      }
    }
    if (cut) see_evidence(agent);
  }

  void finish(World& world) {
    for (const auto& [cgroup, time] : throttled_) {
      result_.longest_throttled = std::max(result_.longest_throttled, time);
    }
    for (const Container& container : world.containers()) {
      result_.bystanders += !container.guilty();
      result_.innocents_held +=
          container.quota.has_value() && !container.guilty();
    }
    result_.caught =
        std::all_of(harms_.begin(), harms_.end(), [](const Harm& harm) {
          return harm.latest / (kLatest / kWindow) <= harm.worst / 2;
        });
    result_.innocents_cut = static_cast<int>(innocents_.size());
    const Violations& seen = world.violations();
    result_.violations.above_original = seen.above_original;
    result_.violations.under_floor = seen.under_floor;
  }

 private:
  // What was done to one service.
  struct Harm {
    std::set<Instant> windows;
    double worst = 0;
    double latest = 0;  // sum over the last half hour
  };

  bool is_late(Instant now) const { return end_ - now < kLatest; }

  int windows_since_onset(Instant now) const {
    return static_cast<int>((now - scenario_.onset) / kWindow);
  }

  void see_cut(const Lower& lower, const World& world) {
    const bool guilty = world.find(lower.cgroup)->guilty();
    result_.blamed = true;
    if (world.now() >= scenario_.onset && !result_.guilty_first) {
      result_.guilty_first = guilty;
    }
    result_.guilty_cut = result_.guilty_cut || guilty;
    if (!guilty) innocents_.insert(lower.cgroup.inode);
  }

  // Does any window that the cut rests on show harm?
  void see_evidence(const Agent& agent) {
    bool any = false;
    bool repeated = false;
    for (const Incident* incident : agent.incidents()) {
      repeated = repeated || incident->effects > 1;
      any =
          any || std::any_of(incident->evidence.begin(),
                             incident->evidence.end(), [&](const Evidence& e) {
                               return shows_harm(incident->victim, e.time);
                             });
    }
    if (any) return;
    ++(repeated ? result_.stale_cuts : result_.false_cuts);
  }

  bool shows_harm(const CgroupId& victim, Instant time) const {
    const bool changed =
        !has_culprit(scenario_.kind) && time >= scenario_.onset;
    return changed || harms_[index_of(victim)].windows.count(time) > 0;
  }

  const Scenario& scenario_;
  Result& result_;
  Instant end_;
  std::vector<Harm> harms_;
  std::set<ino_t> innocents_;
  std::unordered_map<CgroupId, Duration> throttled_;
};

bool is_absent(const Scenario& scenario, Instant now, bool killed) {
  return std::any_of(scenario.absences.begin(), scenario.absences.end(),
                     [&](const Absence& absence) {
                       return absence.begin <= now && now < absence.end &&
                              absence.killed == killed;
                     });
}

}  // namespace

Result run(Scenario scenario, const Observer& observer) {
  Result result;
  World& world = scenario.world;
  Witness witness(scenario, result);
  Saved saved{trained_model(scenario.seed), {}};
  saved.policy.seed = scenario.seed;
  std::optional<Agent> agent(std::in_place, world, scenario.config, saved);
  const Instant end = world.now() + scenario.length;
  while (world.now() < end) {
    world.advance();
    witness.see_truth(world);
    witness.see_throttles(world);
    if (is_absent(scenario, world.now(), true)) {
      if (agent) saved = agent->save();
      agent.reset();
      continue;
    }
    if (is_absent(scenario, world.now(), false)) continue;
    if (!agent) {
      agent.emplace(world, scenario.config, saved);
      agent->policy().reconcile(world.status(), world.now());
    }
    const Decision& decision = agent->tick();
    witness.see(*agent, decision, world);
    if (observer) observer(world, decision);
  }
  witness.finish(world);
  return result;
}

}  // namespace cpi::sim
