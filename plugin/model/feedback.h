// The service's own latency corrects the model: an incident that did not slow
// the service was none, and a slow-down without one was missed.
//
//   begin()      first anomaly of an incident
//   action()     somebody was throttled for it: from here on latency judges
//                the throttle, not the alarm
//   end(t)       → Verdict
//
// Pure; not thread-safe. One per service and signal.
#ifndef CPI_MODEL_FEEDBACK_H_
#define CPI_MODEL_FEEDBACK_H_

#include <optional>

#include "base/config/model.h"
#include "base/units.h"
#include "model/moments.h"

namespace cpi {

// What latency says about an incident.
enum class Verdict {
  unknown,    // too little, or neither here nor there: nothing changes
  confirmed,  // latency rose
  refuted     // latency stayed normal: relearn it, and be less strict
};

class Feedback {
 public:
  explicit Feedback(const ModelConfig& config);

  // One value of the latency metric, in whatever unit it has. `deviation`: of
  // the signal in the window it belongs to, absent where there is none. Values
  // outside incidents teach what latency is normal. A rise outside an incident
  // lowers N if the signal stood between N/2 and N meanwhile: it had noticed,
  // but not enough. REQUIRES: `now` does not decrease.
  void latency(double value, std::optional<double> deviation, Instant now);

  void begin();
  void action();
  // The first anomaly led to no incident: what came since is usual.
  void dismiss();
  // The verdict; a refuted incident raises N. Without begin(): unknown.
  Verdict end(Instant now);

  [[nodiscard]] bool open() const { return open_; }

  // N as corrected so far. Without new reasons it drifts back to the configured
  // one, half the way in a week.
  [[nodiscard]] double deviations(Instant now) const;
  // As restored from a saved state.
  void set_deviations(double deviations, Instant now);

 private:
  [[nodiscard]] Verdict judge() const;
  // Whether so many values with this mean are a rise over the normal ones.
  [[nodiscard]] bool rose(const Moments& values) const;
  [[nodiscard]] bool normal(const Moments& values) const;
  void correct(double by, Instant now);

  ModelConfig config_;
  double offset_ = 0;  // of N, from the configured one, at `corrected_`
  Instant corrected_{};

  Moments usual_;      // latency outside incidents
  Moments recent_;     // the last few values outside incidents
  Moments deviation_;  // of the signal in their windows
  Moments during_;     // between the first anomaly and the first action
  bool open_ = false;
  bool acted_ = false;
};

}  // namespace cpi

#endif  // CPI_MODEL_FEEDBACK_H_
