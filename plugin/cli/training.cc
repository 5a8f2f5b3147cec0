#include "cli/training.h"

namespace cpi {
namespace {

using Stretches = std::vector<const std::vector<Sample>*>;

void learn(Watch& watch, Signal signal, const Stretches& stretches) {
  Model& model = watch.learner(signal).model();
  for (const auto* samples : stretches) {
    for (const Sample& sample : *samples) {
      if (const auto seen = watch.observe(sample, signal, {})) {
        model.learn(seen->usage, seen->value, 1, seen->time);
      }
    }
  }
  model.refit();
}

void calibrate(Watch& watch, Signal signal, const Stretches& stretches) {
  for (const auto* samples : stretches) {
    Held held;
    for (const Sample& sample : *samples) {
      const auto seen = watch.observe(sample, signal, {});
      if (seen) {
        watch.learner(signal).calibrate(*seen, held);
      } else {
        Learner::interrupt(held);
      }
    }
  }
}

}  // namespace

void train(Watch& watch, const Stretches& stretches) {
  for (int signal = 0; signal < kSignals; ++signal) {
    learn(watch, static_cast<Signal>(signal), stretches);
    calibrate(watch, static_cast<Signal>(signal), stretches);
  }
}

}  // namespace cpi
