#include "policy/trial.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "policy/candidate.h"
#include "policy/guilt.h"

namespace cpi {
namespace {

// By so much must a correlation exceed that of a known culprit for the known
// one not to be suspected first.
constexpr double kClearly = 0.5;
// No more trials than this to go through everybody once: on a crowded host
// several are tried at a time, or the last would have its turn hours later.
constexpr std::size_t kTrials = 12;

class Choosing {
 public:
  Choosing(const PolicyConfig& config, const PolicyState& state,
           const Case& plaintiff, const Situation& situation,
           const Incident& incident)
      : state_(state),
        matter_{
            config, situation, incident, {plaintiff.victim, incident.signal}},
        inquiry_(
            plaintiff.inquiries[static_cast<std::size_t>(incident.signal)]) {
    for (const Exoneration& e : state.exonerations) {
      const bool counts =
          e.complaint == matter_.complaint && situation.now < e.until;
      if (counts) exonerated_.insert(e.suspect);
    }
  }

  Choice choose(const std::vector<Suspect>& ranking, bool certain) {
    for (const Suspect& suspect : ranking) consider(suspect);
    const std::vector<Suspect> unranked = unranked_culprits(ranking);
    for (const Suspect& culprit : unranked) consider(culprit);
    const Chosen explaining = explains();
    const Chosen free = culprits(false);
    if (!explaining.empty() && is_clear(*explaining.front())) {
      return trial_of(explaining, Reason::explains);
    }
    if (!certain) return {};
    if (!free.empty()) return trial_of(free, Reason::known);
    if (const Chosen next = to_probe(); !next.empty()) {
      const bool together =
          matter_.config.when_unattributed == "all" && next.size() > 1;
      return trial_of(next, together ? Reason::all_together : Reason::probe);
    }
    if (const Chosen rest = let_go_before(); rest.size() > 1) {
      return trial_of(rest, Reason::all_together);
    }
    if (const Chosen held = culprits(true); !held.empty()) {
      return trial_of(held, Reason::known);
    }
    Choice choice;
    choice.own_doing = is_nobody_to_blame();
    return choice;
  }

 private:
  using Chosen = std::vector<const Candidate*>;

  // A culprit that is held down may use too little to be ranked.
  [[nodiscard]] std::vector<Suspect> unranked_culprits(
      const std::vector<Suspect>& ranking) const {
    std::vector<Suspect> culprits;
    for (const Throttle& throttle : state_.throttles) {
      if (!is_guilty(state_, throttle.cgroup, matter_.situation.now)) continue;
      const bool ranked = std::any_of(
          ranking.begin(), ranking.end(),
          [&](const Suspect& s) { return s.cgroup == throttle.cgroup; });
      if (ranked) continue;
      Suspect& culprit = culprits.emplace_back();
      culprit.cgroup = throttle.cgroup;
      culprit.workload = throttle.workload;
    }
    return culprits;
  }

  void consider(const Suspect& suspect) {
    const CgroupId& cgroup = suspect.cgroup;
    const BatchUse* use = matter_.situation.batch.find(cgroup);
    if (!use) return;  // it has just ended
    Candidate& candidate = candidates_.emplace_back(
        weigh(matter_, suspect, *use, record_of(cgroup),
              state_.throttles.find(cgroup)));
    candidate.exonerated = exonerated_.count(cgroup) > 0;
  }

  // An empty one of whom nothing is known.
  [[nodiscard]] const Record& record_of(const CgroupId& cgroup) const {
    static const Record kNothing;
    const Record* found = state_.records.find(cgroup);
    return found ? *found : kNothing;
  }

  // Those who may be tried and fit, most suspicious first.
  template <class Predicate>
  [[nodiscard]] Chosen all(Predicate fits) const {
    Chosen chosen;
    for (const Candidate& c : candidates_) {
      if (c.can_be_cut && fits(c)) chosen.push_back(&c);
    }
    return chosen;
  }

  static Chosen only_first(Chosen chosen) {
    if (chosen.size() > 1) return {chosen.front()};
    return chosen;
  }

  [[nodiscard]] Chosen explains() const {
    return only_first(all([](const Candidate& c) {
      return c.suspect->explains && !c.exonerated && !c.held_down;
    }));
  }

  // One whose guilt is beyond doubt, or all the others together: each alone
  // may hurt too little to be noticed.
  [[nodiscard]] Chosen culprits(bool held_down) const {
    const bool left_over = is_left_over();
    const auto wanted = [&](const Candidate& c) {
      return c.guilty && !c.exonerated && c.held_down == held_down &&
             !(c.would_do_more && left_over);
    };
    Chosen proven = only_first(
        all([&](const Candidate& c) { return wanted(c) && c.proven; }));
    return proven.empty() ? all(wanted) : proven;
  }

  // A culprit known before is suspected first, even where no more can be done
  // about it, unless this one's use goes with the harm clearly better.
  [[nodiscard]] bool is_clear(const Candidate& explaining) const {
    return std::none_of(
        candidates_.begin(), candidates_.end(), [&](const Candidate& c) {
          return c.guilty &&
                 !(c.suspect->cgroup == explaining.suspect->cgroup) &&
                 explaining.suspect->correlation <
                     c.suspect->correlation + kClearly;
        });
  }

  [[nodiscard]] Chosen to_probe() const {
    const std::string& what = matter_.config.when_unattributed;
    if (what == "none" || is_known() || is_explained()) return {};
    Chosen chosen = all([](const Candidate& c) {
      return !c.exonerated && !c.guilty && !c.held_down;
    });
    const std::size_t group = (candidates_.size() + kTrials - 1) / kTrials;
    if (what != "all" && chosen.size() > group) chosen.resize(group);
    return chosen;
  }

  // What a culprit does that is throttled already may be all there is to it.
  [[nodiscard]] bool is_left_over() const {
    return std::any_of(
        candidates_.begin(), candidates_.end(), [](const Candidate& c) {
          return c.guilty && c.throttled && c.suffices && !c.would_do_more;
        });
  }

  // A known culprit may be all there is to it.
  [[nodiscard]] bool is_known() const {
    return std::any_of(candidates_.begin(), candidates_.end(),
                       [](const Candidate& c) {
                         return c.guilty && !is_cleared(c) && c.suffices;
                       });
  }

  // Once per incident, when nobody is left who has not been tried alone.
  [[nodiscard]] Chosen let_go_before() const {
    if (inquiry_.tried_together || is_known() || is_explained() ||
        is_somebody_untried()) {
      return {};
    }
    return all([](const Candidate& c) { return c.exonerated; });
  }

  [[nodiscard]] bool is_somebody_untried() const {
    return std::any_of(candidates_.begin(), candidates_.end(),
                       [](const Candidate& c) {
                         return c.can_be_cut && !c.exonerated && !c.guilty;
                       });
  }

  [[nodiscard]] bool is_nobody_to_blame() const {
    const bool all_innocent = std::all_of(
        candidates_.begin(), candidates_.end(), [](const Candidate& c) {
          return c.exonerated &&
                 (is_cleared(c) || !(c.suffices || c.has_helped));
        });
    return all_innocent && !candidates_.empty() && !is_explained() &&
           (inquiry_.tried_together || candidates_.size() == 1);
  }

  // Somebody is about whose use explained the harm: one who is throttled may
  // use too little by now to be a suspect.
  [[nodiscard]] bool is_explained() const {
    return std::any_of(
        state_.records.begin(), state_.records.end(), [this](const Record& r) {
          const bool explained = std::any_of(
              r.guilts.begin(), r.guilts.end(), [this](const Guilt& guilt) {
                return guilt.explained && matter_.situation.now < guilt.until;
              });
          return explained && matter_.situation.batch.find(r.cgroup) &&
                 !is_cleared(r) && has_been_there(r);
        });
  }

  // This victim was harmed while the container had its CPU, and has not been
  // well with it since.
  [[nodiscard]] bool has_been_there(const Record& record) const {
    return std::any_of(record.unthrottled.begin(), record.unthrottled.end(),
                       [this](const Unthrottled& then) {
                         return then.complaint.victim ==
                                matter_.complaint.victim;
                       });
  }

  // Whatever is known against it does not concern this harm.
  static bool is_cleared(const Candidate& candidate) {
    return candidate.exonerated && !candidate.guilty_of_this;
  }
  [[nodiscard]] bool is_cleared(const Record& record) const {
    return exonerated_.count(record.cgroup) > 0 &&
           !find_guilt(record, matter_.complaint, matter_.situation.now);
  }

  static Choice trial_of(const Chosen& chosen, Reason reason) {
    Trial trial;
    for (const Candidate* candidate : chosen) {
      trial.suspects.push_back(candidate->suspect->cgroup);
    }
    trial.reason = reason;
    trial.stands_out =
        reason == Reason::explains && chosen.front()->suspect->stands_out;
    trial.doubtful =
        std::any_of(chosen.begin(), chosen.end(),
                    [](const Candidate* c) { return c->doubtful; });
    trial.correlation = chosen.front()->suspect->correlation;
    Choice choice;
    choice.trial = std::move(trial);
    return choice;
  }

  const PolicyState& state_;
  const Matter matter_;
  const Inquiry& inquiry_;
  std::unordered_set<CgroupId> exonerated_;
  std::vector<Candidate> candidates_;
};

}  // namespace

Choice choose(const PolicyConfig& config, const PolicyState& state,
              const Case& plaintiff, const std::vector<Suspect>& ranking,
              const Situation& situation, const Incident& incident,
              bool certain) {
  return Choosing(config, state, plaintiff, situation, incident)
      .choose(ranking, certain);
}

}  // namespace cpi
