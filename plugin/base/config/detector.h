// incident/: when anomalies become an incident. A rule set to 0 is off; an
// incident opens when any rule that is on says so.
#ifndef CPI_BASE_CONFIG_DETECTOR_H_
#define CPI_BASE_CONFIG_DETECTOR_H_

#include <cstdint>

#include "base/units.h"

namespace cpi {

struct DetectorConfig {
  // K anomalies in a row. Lower: sooner, and more false ones.
  std::uint64_t consecutive = 3;
  // M anomalies within `window`. Off: over a five-minute window it mostly
  // repeats what the cumulative sum says, with more false incidents.
  std::uint64_t count = 0;
  Duration window = std::chrono::minutes(5);
  // The cumulative sum (Page, Biometrika 41, 1954) of deviations − drift opens
  // an incident above `threshold`. A drift of half a standard deviation is the
  // optimum for finding shifts of one; deviations that persist by themselves
  // raise it (Score::persistence). A threshold of 8 means one false incident
  // in 19,000 independent windows (Siegmund, Sequential Analysis, 1985, eq.
  // 2.57), two days of 10 s. Higher: later and rarer. Threshold 0: off.
  double drift = 0.5;
  double threshold = 8;
  // Deviations enter the sum clipped to ± this: no single window decides.
  double clip = 4;
  // Windows in a row without an anomaly and with the sum at zero that end an
  // incident.
  std::uint64_t recovery = 3;
  // Deviations (mean over the evidence) from which an incident is strong, and
  // with at least `min_excess` times the expected value, severe.
  double strong = 3;
  double severe = 6;
  double min_excess = 1.2;
  // After an action samples are reported but not counted for so many windows:
  // they still show the time before it.
  std::uint64_t settle_windows = 2;
  // A hole of more than so many windows forgets all evidence.
  std::uint64_t max_missing = 3;

  friend bool operator==(const DetectorConfig&,
                         const DetectorConfig&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_DETECTOR_H_
