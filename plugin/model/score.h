// What the model says about one sample: the value header of this stage.
#ifndef CPI_MODEL_SCORE_H_
#define CPI_MODEL_SCORE_H_

#include <optional>
#include <string_view>

namespace cpi {

// What is scored. Every signal runs through the same model and detector.
enum class Signal { cpi, ns_per_instruction, cpu_wait };
inline constexpr int kSignals = 3;

// Where an expectation came from.
enum class Basis {
  none,     // nothing learned yet
  buckets,  // mostly samples of about this usage
  line,     // mostly the validated line of the value over usage
  nearest   // no sample near this usage: the nearest bucket there is
};

// How far a model can be trusted.
enum class Learning {
  warm_up,     // under MinSamples or WarmUp: scores, but finds no anomalies
  unverified,  // never saw batch idle, nor a seed: it may have learned the
               // interference itself, so it may alarm but not act
  ready
};

std::string_view to_string(Signal signal);
std::string_view to_string(Basis basis);
std::string_view to_string(Learning learning);

// One signal of one sample. `expected`, `standard_deviation` and what follows
// from them mean nothing while `basis` is Basis::none.
struct Score {
  Signal signal = Signal::cpi;
  // What was seen: usage as a share of the host (0…1), value in the signal's
  // unit (cycles per instruction, ns per instruction, share of the window).
  double usage = 0;
  double value = 0;
  // What was expected at this usage, in the signal's unit. The standard
  // deviation is that of predicting one sample: it includes how uncertain the
  // expectation itself is. Never 0 or infinite.
  double expected = 0;
  double standard_deviation = 1;
  // (value − expected) / standard_deviation, signed, not clipped.
  double deviation = 0;
  Basis basis = Basis::none;
  Learning learning = Learning::warm_up;
  // Farther than MaxGap from any usage ever learned.
  bool abnormal_distribution = false;
  // No experience of its own at this usage, near though others may be.
  bool unvisited = false;
  // Under NoiseFloor: expected and deviation are those of all such samples
  // together, and it is never an anomaly.
  bool noise = false;
  // deviation > N, in a model past its warm-up.
  bool anomaly = false;
  // The N of this verdict: Deviations, as corrected by latency feedback.
  double deviations = 0;
  // The part of a standard deviation by which neighbouring windows deviate
  // together without any incident, 0…1: the root of the deviations' covariance
  // at lag one. A detector that sums deviations has to allow for it.
  double persistence = 0;

  // How much more than expected: 1.2 is 20 % more. 1 where nothing was
  // expected.
  [[nodiscard]] double excess() const {
    return expected > 0 ? value / expected : 1;
  }
  // Whether this sample says anything for or against an incident.
  [[nodiscard]] bool judged() const {
    return basis != Basis::none && !noise && learning != Learning::warm_up;
  }
};

// The scores of one sample; a signal that was not measured has none.
struct Scores {
  std::optional<Score> of[kSignals];

  [[nodiscard]] const std::optional<Score>& operator[](Signal signal) const {
    return of[static_cast<int>(signal)];
  }
  [[nodiscard]] std::optional<Score>& operator[](Signal signal) {
    return of[static_cast<int>(signal)];
  }
};

}  // namespace cpi

#endif  // CPI_MODEL_SCORE_H_
