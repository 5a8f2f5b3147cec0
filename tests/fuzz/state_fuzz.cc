// What the policy knew before a restart is read from a file, and acted upon.
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "store/state_json.h"

namespace {

using cpi::Instant;

// A host on which every container of the state is there, and every victim
// harmed.
cpi::Situation situation_of(const cpi::PolicyState& state, Instant now) {
  cpi::Situation situation;
  situation.now = now;
  situation.window = std::chrono::seconds(10);
  for (const cpi::Throttle& throttle : state.throttles) {
    situation.batch.add({throttle.cgroup, throttle.workload, 1, {}});
  }
  for (const cpi::Case& plaintiff : state.cases) {
    cpi::Victim victim;
    victim.service = plaintiff.service;
    victim.cgroup = plaintiff.victim;
    victim.measured.fill(true);
    victim.anomaly = true;
    situation.victims.add(std::move(victim));
  }
  return situation;
}

// No state makes the policy do what it never does.
void check(const cpi::Decision& decision) {
  for (const cpi::Action& action : decision.actions) {
    if (const auto* raise = std::get_if<cpi::Raise>(&action.verb)) {
      if (raise->quota < raise->before) std::abort();
    }
    if (const auto* renew = std::get_if<cpi::Renew>(&action.verb)) {
      if (renew->lease < cpi::Duration()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = cpi::parse_state(text);
  if (!file) return 0;
  const std::string again = cpi::to_text(*file);
  const auto reread = cpi::parse_state(again);
  if (!reread || cpi::to_text(*reread) != again) std::abort();

  cpi::PolicyConfig config;
  config.act = true;
  cpi::Policy policy(config, file->state);
  const std::vector<cpi::Suspect> nobody;
  Instant now(std::chrono::hours(1));
  const cpi::Situation first = situation_of(file->state, now);
  for (int i = 0; i < 4; ++i) {
    cpi::Situation situation = first;
    situation.now = now;
    check(policy.decide(situation,
                        [&](const cpi::Incident&) { return &nobody; }));
    now += std::chrono::hours(1);
  }
  policy.reconcile({}, now);
  return 0;
}
