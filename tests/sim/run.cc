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
      : scenario_(scenario), result_(result), begin_(scenario.world.now()) {}

  void see_truth(const World& world) {
    if (world.is_harmed()) harmful_.insert(world.now());
    ++result_.windows;
    const double harm = world.harm() + world.starvation();
    if (world.now() < scenario_.onset) return;
    worst_ = std::max(worst_, harm);
    if (scenario_.length - (world.now() - begin_) < kLatest) latest_ += harm;
    if (worst_ > 0 && harm <= worst_ / 2 && !result_.windows_to_relief) {
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
        latest_ / static_cast<double>(kLatest / kWindow) <= worst_ / 2;
    result_.innocents_cut = static_cast<int>(innocents_.size());
    const Violations& seen = world.violations();
    result_.violations.above_original = seen.above_original;
    result_.violations.under_floor = seen.under_floor;
  }

 private:
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
      any = any ||
            std::any_of(incident->evidence.begin(), incident->evidence.end(),
                        [&](const Evidence& e) { return shows_harm(e.time); });
    }
    if (any) return;
    ++(repeated ? result_.stale_cuts : result_.false_cuts);
  }

  bool shows_harm(Instant time) const {
    const bool changed =
        !has_culprit(scenario_.kind) && time >= scenario_.onset;
    return changed || harmful_.count(time) > 0;
  }

  const Scenario& scenario_;
  Result& result_;
  std::set<Instant> harmful_;
  std::set<ino_t> innocents_;
  std::unordered_map<CgroupId, Duration> throttled_;
  Instant begin_;
  double worst_ = 0;
  double latest_ = 0;  // sum over the last half hour
};

bool is_down(const Scenario& scenario, Instant now) {
  return std::any_of(scenario.kills.begin(), scenario.kills.end(),
                     [&](Instant kill) {
                       return kill <= now && now < kill + scenario.outage;
                     });
}

}  // namespace

Result run(Scenario scenario, const Observer& observer) {
  Result result;
  World& world = scenario.world;
  Witness witness(scenario, result);
  Saved saved{trained_model(), {}};
  saved.policy.seed = scenario.seed;
  std::optional<Agent> agent(std::in_place, scenario.config, saved,
                             world.now());
  const Instant end = world.now() + scenario.length;
  while (world.now() < end) {
    world.advance();
    witness.see_truth(world);
    witness.see_throttles(world);
    const bool killed = std::find(scenario.kills.begin(), scenario.kills.end(),
                                  world.now()) != scenario.kills.end();
    if (killed && agent) {
      saved = agent->save();
      agent.reset();
    }
    if (is_down(scenario, world.now())) continue;
    if (!agent) {
      agent.emplace(scenario.config, saved, world.now());
      agent->policy().reconcile(world.status(), world.now());
    }
    const Decision& decision = agent->tick(world);
    witness.see(*agent, decision, world);
    if (observer) observer(world, decision);
  }
  witness.finish(world);
  return result;
}

}  // namespace cpi::sim
