// One signal of one service over time: scores its samples, and decides which
// of them the model may learn, and when.
//
//   calm        learned, outliers clipped, once they are so old that an
//               incident which began with them would have been found
//   incident    kept apart in a shadow, which becomes the model only where
//               interference is ruled out, or nothing speaks for it but
//               extrapolation
//
// Shared by the replicas of a service; what belongs to one replica is in its
// Held. Pure; not thread-safe.
#ifndef CPI_MODEL_LEARNER_H_
#define CPI_MODEL_LEARNER_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "base/config/model.h"
#include "base/units.h"
#include "model/model.h"
#include "model/score.h"
#include "model/state.h"

namespace cpi {

// One value of one signal, with the usage it was seen at.
struct Observation {
  double usage = 0;  // share of the host, 0…1
  double value = 0;  // in the signal's unit
  // CPUs used; absent where the number of CPUs is not known, which turns the
  // noise floor off.
  std::optional<double> cpus;
  Instant time{};
  Duration window{};
  // Whether batch was idle in this window: seen undisturbed, it counts double.
  bool batch_idle = false;
};

// What the detector thinks of a replica right now.
enum class Trust {
  calm,       // no incident
  incident,   // an incident is open
  exonerated  // an incident is open, and it is the service's own doing
};

// The latest samples of one replica: not learned yet, because an incident may
// be found to have begun with them.
struct Held {
  struct Waiting {
    Observation observation;
    // This deviation × the one before; absent where they are not neighbours.
    std::optional<double> product;
  };
  std::deque<Waiting> waiting;
  // The last deviation, if the next window continues it.
  std::optional<double> deviation;
};

class Learner {
 public:
  Learner(const ModelConfig& config, Signal signal);

  [[nodiscard]] Score score(const Observation& observation) const;

  // `score`: what score() said about this observation before it was learned.
  // Returns true when a shadow was accepted: expectations have jumped, and a
  // detector's evidence against the old ones is void.
  bool learn(const Observation& observation, const Score& score, Trust trust,
             Held& held);

  // Measures only how deviations persist, for a model that was made from a
  // recording in one go.
  void calibrate(const Observation& observation, Held& held);

  // The replica's measurements were interrupted: nothing continues.
  static void interrupt(Held& held) { held.deviation.reset(); }

  // The incident is over and was interference: forget what it looked like.
  void close_incident();

  // Every incident sample so far was the service's own doing (latency stayed
  // normal, or every suspect was exonerated): they become the model, if there
  // are enough of them. True if so.
  bool accept_incident();

  // The service runs a new program: warm up again, with what is known as a
  // prior that new experience soon outweighs. It has to be verified anew, too.
  void restart();

  // N, moved by latency feedback within its configured bounds.
  [[nodiscard]] double deviations() const { return deviations_; }
  void set_deviations(double deviations);

  [[nodiscard]] Learning learning() const;
  // Time observed since the model began or was restarted.
  [[nodiscard]] Duration observed() const { return observed_; }
  [[nodiscard]] const Model& model() const { return model_; }
  // For tools that calibrate on recordings.
  [[nodiscard]] Model& model() { return model_; }

  [[nodiscard]] LearnerState state() const;
  // REQUIRES: buckets of the configured width.
  void restore(LearnerState state);
  // Starts from a model made elsewhere: past its warm-up, and verified.
  void seed(LearnerState state);

 private:
  // Samples kept apart, unclipped.
  struct Shadow {
    explicit Shadow(const ModelConfig& config) : model(config, {}) {}
    Model model;
    double samples = 0;
  };

  [[nodiscard]] bool under_noise_floor(const Observation& observation) const;
  // `value` no farther from the expectation than N standard deviations.
  [[nodiscard]] double clip(const Observation& observation) const;
  void commit(const Held::Waiting& waiting);
  bool shadow(const Observation& observation, bool unvisited, bool exonerated);
  // This deviation × the last one of the replica, where both mean something.
  [[nodiscard]] std::optional<double> product(const Score& score,
                                              Held& held) const;

  ModelConfig config_;
  Signal signal_;
  Model model_;
  double deviations_ = 0;
  double tail_ = 0;  // what stands for a sample beyond N, in σ
  Duration observed_{};
  Instant last_{};
  double samples_ = 0;
  double idle_samples_ = 0;
  bool seeded_ = false;

  Shadow incident_;    // every sample of the open incident
  Shadow unvisited_;   // those at usages without experience of their own
  Shadow exonerated_;  // those that nobody else can have caused
};

}  // namespace cpi

#endif  // CPI_MODEL_LEARNER_H_
