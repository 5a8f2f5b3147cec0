// A stage for tests of the policy: one victim whose incident is written by
// hand, and batch containers whose use is.
#ifndef CPI_TESTS_POLICY_STAGE_H_
#define CPI_TESTS_POLICY_STAGE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"

namespace cpi {

inline constexpr Duration kWindow = std::chrono::seconds(10);

inline CgroupId container(ino_t inode) {
  return {1, inode, "/batch/" + std::to_string(inode)};
}

class PolicyStage : public testing::Test {
 protected:
  PolicyStage() {
    config_.act = true;
    restart();
  }

  // The next tick. Batch uses no more than its quota.
  const Decision& tick() {
    now_ += kWindow;
    Situation situation;
    situation.now = now_;
    situation.window = kWindow;
    if (present_) situation.victims.add(victim());
    for (const auto& [inode, cpus] : use_) {
      situation.batch.add({container(inode), "train", cpus, {}});
    }
    decision_ = policy_->decide(situation, [this](const Incident&) {
      ++ranked_;
      return &ranking_;
    });
    if (decision_.spent) incident_.evidence.clear();
    obey();
    return decision_;
  }
  void run(Duration time) {
    for (const Instant end = now_ + time; now_ < end;) tick();
  }

  // Evidence is complete, once more: so many windows of this deviation.
  void harm(double deviation, int windows = 20) {
    if (!open_) {
      incident_ = {};
      incident_.service = "web";
      incident_.victim = {1, 1, "/web"};
      incident_.effective = now_;
      incident_.onset = now_;
      incident_.may_act = true;
    }
    open_ = true;
    ++incident_.effects;
    incident_.last = now_;
    incident_.deviation = deviation;
    incident_.incident_class = deviation >= 6   ? IncidentClass::severe
                               : deviation >= 3 ? IncidentClass::strong
                                                : IncidentClass::mild;
    incident_.evidence.clear();
    for (int i = windows; i-- > 0;) show(deviation, now_ - i * kWindow);
  }
  // … and it went on after that.
  void harm_lasts(int windows) {
    for (int i = 0; i < windows; ++i) {
      incident_.last += kWindow;
      show(incident_.deviation, incident_.last);
    }
  }
  void recover() { open_ = false; }
  // The only suspect makes no difference, which takes four rounds: how often
  // the host was thawed meanwhile.
  int thaws_until_own_doing() {
    int thaws = 0;
    for (int i = 0; i < 4; ++i) {
      harm(5);
      tick();
      thaws += count<Thaw>();
    }
    EXPECT_EQ(decision_.own_doing.size(), 1u);
    return thaws;
  }

  // Container `inode` uses so much, and is the next in the ranking.
  void suspect(ino_t inode, double cpus, double correlation = 0.1) {
    use_.emplace_back(inode, cpus);
    Suspect suspect;
    suspect.cgroup = container(inode);
    suspect.workload = "train";
    suspect.correlation = correlation;
    suspect.explains = correlation >= 0.35;
    suspect.stands_out = suspect.explains;
    suspect.cpus = cpus;
    suspect.busiest_cpus = cpus;
    ranking_.push_back(suspect);
  }

  void restart() {
    PolicyState state;
    if (policy_) state = policy_->state();
    policy_.emplace(config_, std::move(state));
  }

  // The first action of a kind in the latest decision, or null.
  template <class T>
  const T* action() const {
    for (const Action& action : decision_.actions) {
      if (const T* found = std::get_if<T>(&action.verb)) return found;
    }
    return nullptr;
  }
  template <class T>
  int count() const {
    int found = 0;
    for (const Action& action : decision_.actions) {
      found += std::holds_alternative<T>(action.verb);
    }
    return found;
  }
  // The quota in force; 0: none.
  Millicores quota(ino_t inode) const {
    const Throttle* live = policy_->state().throttles.find(container(inode));
    return live ? live->quota : 0;
  }

  PolicyConfig config_;
  std::optional<Policy> policy_;
  Instant now_{std::chrono::hours(100)};
  Incident incident_;
  bool open_ = false;
  bool present_ = true;   // the victim
  bool measured_ = true;  // its signal
  bool voided_ = false;   // its incident ended unseen
  bool anomaly_ = false;  // too little for an incident
  bool obeys_ = true;     // the kernel holds batch to its quotas
  std::vector<std::pair<ino_t, double>> use_;
  std::vector<Suspect> ranking_;
  Decision decision_;
  int ranked_ = 0;

 private:
  void show(double deviation, Instant time) {
    Evidence& evidence = incident_.evidence.emplace_back();
    evidence.time = time;
    evidence.score.deviation = deviation;
  }
  Victim victim() const {
    Victim victim;
    victim.service = "web";
    victim.cgroup = {1, 1, "/web"};
    victim.measured[0] = measured_;
    victim.voided[0] = voided_;
    victim.anomaly = anomaly_;
    if (open_ && measured_) victim.incidents.push_back(&incident_);
    return victim;
  }
  void obey() {
    for (auto& [inode, cpus] : use_) {
      const Millicores limit = quota(inode);
      const double wanted = wanted_of(inode);
      const double most = static_cast<double>(limit) / 1000;
      cpus = obeys_ && limit > 0 ? std::min(wanted, most) : wanted;
    }
  }
  double wanted_of(ino_t inode) const {
    for (const Suspect& s : ranking_) {
      if (s.cgroup.inode == inode) return s.cpus;
    }
    return 0;
  }
};

}  // namespace cpi

#endif  // CPI_TESTS_POLICY_STAGE_H_
