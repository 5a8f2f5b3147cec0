// Models for tests that only store or show them.
#ifndef CPI_TESTS_SUPPORT_MODELS_H_
#define CPI_TESTS_SUPPORT_MODELS_H_

#include "model/state.h"
#include "support/random.h"

namespace cpi {

// A state of `buckets` buckets with some samples in each half.
inline LearnerState learner_state(int buckets, std::uint64_t seed = 1) {
  Random random(seed);
  LearnerState state(Buckets(0.001));
  for (int i = 0; i < buckets; ++i) {
    Bucket& bucket = state.buckets.insert(i);
    for (Moments& fold : bucket.folds) {
      for (int sample = 0; sample < 5; ++sample) {
        fold.add(1.5 + 0.1 * random.normal(), 1, 1000);
      }
    }
  }
  state.noise = {12, 3.5, 0.25};
  state.persistence = {100, 0.04, 99};
  state.observed = std::chrono::hours(30);
  state.samples = 10.0 * buckets;
  state.idle_samples = 70;
  state.deviations = 3.25;
  return state;
}

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_MODELS_H_
