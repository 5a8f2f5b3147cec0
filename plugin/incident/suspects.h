// Which batch container explains an incident?
//
// Keeps what every batch container used, and how far every victim deviated, in
// the latest windows. When an incident is effective, and only then, the one is
// held against the other, window by window:
//
//   correlation = Σᵢ uᵢ · clamp(dᵢ / 4, −1, 1)
//
// uᵢ: the suspect's CPU use in window i, normalised to sum 1; dᵢ: the victim's
// signed deviation in the incident's signal. It is the formula of CPI² (EuroSys
// 2013, §4.2) with the deviation in place of 1 − threshold / CPI, which hardly
// reaches the paper's own 0.35 at the rises seen in practice.
//
// Only cgroups of <Batch> blocks are ever observed here, so nothing else can be
// suspected. Who has been found innocent is not known here but in policy/.
//
// Pure; not thread-safe. Nothing of it needs to survive a restart.
#ifndef CPI_INCIDENT_SUSPECTS_H_
#define CPI_INCIDENT_SUSPECTS_H_

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config/policy.h"
#include "base/units.h"
#include "incident/incident.h"
#include "incident/suspect.h"
#include "model/score.h"
#include "sample/sample.h"

namespace cpi {

class Suspects {
 public:
  explicit Suspects(const SuspectsConfig& config);

  // Begins the window that ends at `now` with what batch used in it. A sample
  // without CPU use counts as none. Containers that used nothing in any
  // remembered window are forgotten, victims likewise. REQUIRES: `now`
  // increases.
  void observe(const std::vector<Sample>& batch, Instant now);

  // How far `victim` deviated in that window, where it was measured.
  void observe(const CgroupId& victim, Signal signal, double deviation);

  // The suspects in the order in which to turn to them: by correlation, and
  // among equals by CPU use. Empty where nobody used enough, or nothing is
  // known of the victim.
  [[nodiscard]] std::vector<Suspect> rank(const Incident& incident) const;

  // Containers remembered.
  [[nodiscard]] std::size_t size() const { return batch_.size(); }

 private:
  // One number per remembered window, at its place in the ring.
  struct Series {
    std::string workload;
    std::vector<float> values;
    std::uint64_t seen = 0;  // the latest window with a value
  };
  // What one victim's deviations make of every window; all 0 where nothing
  // was measured.
  struct Lens {
    std::vector<float> measured;  // 1
    std::vector<float> harm;      // clamp(d / 4, −1, 1)
    std::vector<float> recent;    // 1 since the onset
    float recent_windows = 0;
    double always_on = 0;  // the correlation of constant use
  };

  void advance(Series& series, float absent);
  void put(Series& series, double value, float absent);
  void forget_outdated();
  [[nodiscard]] Lens look(const Series& deviations, Instant onset) const;
  [[nodiscard]] Suspect judge(const CgroupId& cgroup, const Series& use,
                              const Lens& lens) const;

  SuspectsConfig config_;
  std::uint64_t window_ = 0;  // windows observed so far
  std::size_t slot_ = 0;      // of the latest, in every ring
  std::vector<Instant> times_;
  std::unordered_map<CgroupId, Series> batch_;
  std::unordered_map<CgroupId, std::array<Series, kSignals>> victims_;
};

}  // namespace cpi

#endif  // CPI_INCIDENT_SUSPECTS_H_
