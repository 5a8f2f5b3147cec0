#include "service/restarts.h"

#include <algorithm>

namespace cpi {
namespace {

// Starts are known in steps of 10 ms.
constexpr Duration kStep = std::chrono::milliseconds(10);

}  // namespace

std::vector<Duration> observe_unit(std::optional<UnitState>& state,
                                   std::span<const MainProcess> mains,
                                   Duration now) {
  std::vector<Duration> restarts;
  if (!state) {
    // Nothing runs yet: whoever comes first is no replacement.
    state.emplace();
    for (const MainProcess& main : mains) state->mains.push_back({main, false});
    state->seen = now;
    return restarts;
  }
  const auto still_main = [mains](const UnitState::Main& known) {
    return std::find(mains.begin(), mains.end(), known.process) != mains.end();
  };
  std::vector<UnitState::Main> next;
  for (const UnitState::Main& known : state->mains) {
    if (still_main(known)) {
      next.push_back(known);
    } else if (!known.stands_in) {
      ++state->vacancies;
    }
  }
  for (const MainProcess& main : mains) {
    const bool known = std::any_of(next.begin(), next.end(),
                                   [&main](const UnitState::Main& other) {
                                     return other.process == main;
                                   });
    if (known) continue;
    const bool fresh = main.started + kStep > state->seen;
    if (fresh && state->vacancies > 0) {
      --state->vacancies;
      restarts.push_back(std::min(main.started, now));
    }
    next.push_back({main, !fresh});
  }
  state->mains = std::move(next);
  state->seen = now;
  return restarts;
}

}  // namespace cpi
