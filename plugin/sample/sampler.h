// Two readings of one cgroup → a Sample, or a named reason for none.
#ifndef CPI_SAMPLE_SAMPLER_H_
#define CPI_SAMPLE_SAMPLER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config.h"
#include "sample/sample.h"

namespace cpi {

// Of one reading and the one before it, with the host at both times.
// REQUIRES: both readings are of one workload and path.
tl::expected<Sample, NoSample> make_sample(const SamplerConfig& config,
                                           const HostReading& host_before,
                                           const Reading& before,
                                           const HostReading& host_now,
                                           const Reading& now);

struct Subtraction {
  tl::expected<Counted, Withheld> counted;
  // Known as soon as the cgroup ran while its counters were enabled, also
  // where it is the reason to withhold the counts.
  std::optional<double> running_ratio;
};

// The scaled difference of two readings' counters, or why there is none.
Subtraction subtract_counts(const SamplerConfig& config, const Reading& before,
                            const Reading& now);

struct Samples {
  std::vector<Sample> services;
  std::vector<Sample> batch;
  // cgroups that were read but gave no sample, with the reason.
  struct Rejected {
    std::string workload;
    CgroupId cgroup;
    NoSample reason;
  };
  std::vector<Rejected> rejected;
};

// Remembers the last reading of every cgroup. A cgroup missing from a
// collection is forgotten: it is gone, or was not readable, and a window
// across a hole would average over what nobody saw.
class Sampler {
 public:
  explicit Sampler(SamplerConfig config) : config_(config) {}

  // Valid until the next call.
  const Samples& update(const Readings& readings);

 private:
  // By path: a cgroup that took over a path must not be taken for the old one.
  struct Remembered {
    Reading reading;
    std::uint64_t round = 0;  // the update that saw it last
  };
  using Last = std::unordered_map<std::string, Remembered>;

  void update(const std::vector<WorkloadReading>& readings,
              const HostReading& host, Last& last,
              std::vector<Sample>& samples);

  SamplerConfig config_;
  std::uint64_t round_ = 0;
  HostReading host_;
  Last services_;
  Last batch_;
  Samples samples_;
};

}  // namespace cpi

#endif  // CPI_SAMPLE_SAMPLER_H_
