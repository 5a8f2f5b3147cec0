// What is worth saving of a model: a value header, for store/ and the drivers.
#ifndef CPI_MODEL_STATE_H_
#define CPI_MODEL_STATE_H_

#include <array>
#include <optional>
#include <utility>

#include "base/units.h"
#include "model/buckets.h"
#include "model/moments.h"
#include "model/score.h"

namespace cpi {

// Of one signal of one service. What is derived (the line, its validation) is
// derived anew.
struct LearnerState {
  explicit LearnerState(Buckets all) : buckets(std::move(all)) {}

  Buckets buckets;
  Moments noise;        // samples under the noise floor, all usages together
  Moments persistence;  // products of neighbouring deviations
  // Since the model began or was restarted.
  Duration observed{};
  double samples = 0;
  double idle_samples = 0;  // of these, with batch idle
  bool seeded = false;
  double deviations = 0;  // N, as corrected by latency feedback
};

// Of one service, by Signal; absent where nothing was learned.
using ServiceState = std::array<std::optional<LearnerState>, kSignals>;

}  // namespace cpi

#endif  // CPI_MODEL_STATE_H_
