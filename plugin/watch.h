// One service: its models, which its replicas share, and each replica's
// detectors. Composes sample → model → incident for the pipeline.
#ifndef CPI_WATCH_H_
#define CPI_WATCH_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config/detector.h"
#include "base/config/model.h"
#include "incident/detector.h"
#include "model/executables.h"
#include "model/feedback.h"
#include "model/learner.h"
#include "model/score.h"
#include "model/state.h"
#include "sample/sample.h"

namespace cpi {

// What one tick concluded about one signal of one replica.
struct Finding {
  Score score;
  Change change = Change::none;
  // Open, or just closed where `change` is Change::recovered; else null.
  const Incident* incident = nullptr;
  // The service's latency says that the incident which has just ended was none.
  bool refuted = false;
};

// What one tick concluded about one replica. The pointers are valid until the
// next tick.
struct Judgement {
  const Sample* sample = nullptr;
  // A signal that was not measured, or whose cause is known, has none.
  std::array<std::optional<Finding>, kSignals> findings;
  // The service runs a program it was never seen to run: its models warm up
  // again, and its incidents are void.
  bool restarted = false;
  // Samples and observed time of the model of the scored signal.
  double model_samples = 0;
  Duration model_age{};
};

class Watch {
 public:
  Watch(std::string service, const ModelConfig& model,
        const DetectorConfig& detector);

  // `batch_idle`: absent where no batch is declared, so that nothing is known.
  Judgement judge(const Sample& sample, std::optional<bool> batch_idle);

  // Ends a tick. Replicas that had no sample for longer than the detector
  // bridges are gone, and so are their incidents.
  void forget_absent();

  // A value of the service's latency metric.
  void latency(double value, Instant now);

  // An action was taken against somebody for this victim's sake.
  void spend(const CgroupId& victim);

  // The open incident of this victim is the service's own doing: what it looks
  // like becomes normal. False where there is too little of it yet.
  bool exonerate(const CgroupId& victim, Signal signal);

  // What this sample says about a signal; absent where it was not measured, is
  // not to be scored, or has a known cause (a wait that its own quota or the
  // hypervisor explains).
  [[nodiscard]] std::optional<Observation> observe(
      const Sample& sample, Signal signal,
      std::optional<bool> batch_idle) const;

  // While false nothing is learned: recordings are judged by a finished model.
  void set_learning(bool learning) { learning_ = learning; }

  [[nodiscard]] Learner& learner(Signal signal) {
    return learners_[static_cast<int>(signal)];
  }
  [[nodiscard]] const Learner& learner(Signal signal) const {
    return learners_[static_cast<int>(signal)];
  }
  [[nodiscard]] const std::string& service() const { return service_; }
  [[nodiscard]] ServiceState state() const;
  void restore(const ServiceState& state, Instant now);
  void seed(const ServiceState& state);
  // Which programs the models are about.
  [[nodiscard]] Executables& executables() { return executables_; }
  [[nodiscard]] const Executables& executables() const { return executables_; }

 private:
  struct Replica {
    std::array<std::optional<Detector>, kSignals> detectors;
    std::array<Held, kSignals> held;
    std::optional<Instant> graced_until;
    std::uint64_t round = 0;  // the tick that saw it last
  };

  Replica& replica_of(const Sample& sample);
  Finding judge(Replica& replica, const Observation& observation, Signal signal,
                const CgroupId& cgroup);
  void reset_detectors(Signal signal);
  // Another program runs: what is known becomes a prior.
  void restart();
  // Tells the feedback what became of the scored signal, and asks it: whether
  // the incident that has just ended was a false alarm.
  bool consult_latency(const Finding& finding, const Detector& detector,
                       Instant now);
  [[nodiscard]] Signal scored() const;

  std::string service_;
  ModelConfig model_;
  DetectorConfig detector_;
  std::uint64_t round_ = 0;
  bool learning_ = true;
  bool started_ = false;  // some replica was judged in an earlier tick
  Executables executables_;
  std::vector<Learner> learners_;
  Feedback feedback_;                // on the scored signal
  std::optional<double> deviation_;  // its last one, of any replica
  std::unordered_map<CgroupId, Replica> replicas_;
};

}  // namespace cpi

#endif  // CPI_WATCH_H_
