// The stages in the order of the data:
//
//   counters ──► sample ──► model ──► incident ──► policy ──► what to do
//                  (Watch: one service each)          ▲
//                      what became of it ─────────────┘
//
// Knows neither collectd nor files, and carries nothing out: collectd/ drives
// it with the kernel's collector, cli/ with a recording's.
#ifndef CPI_PIPELINE_H_
#define CPI_PIPELINE_H_

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config.h"
#include "base/result.h"
#include "counters/collector.h"
#include "incident/suspects.h"
#include "policy/policy.h"
#include "sample/sampler.h"
#include "watch.h"

namespace cpi {

// All that one tick learned and decided. Valid until the next tick.
struct Tick {
  Instant now{};
  const Readings* readings = nullptr;
  const Samples* samples = nullptr;
  // One per service sample, in the same order.
  const std::vector<Judgement>* judgements = nullptr;
  // Batch as the open incidents see it, most suspicious first, of the latest
  // ranking; empty where no incident is open.
  const std::vector<Suspect>* suspects = nullptr;
  const Decision* decision = nullptr;
  // What the policy knows now: what is throttled, what is remembered.
  const PolicyState* policy = nullptr;
};

class Pipeline {
 public:
  // `state`: what the policy knew before a restart, or a fresh one.
  Pipeline(const Config& config, std::unique_ptr<Collector> collector,
           PolicyState state = {});

  // Runs every stage once. An error means that nothing could be read at all;
  // what the stages remember is then unchanged. One thread at a time.
  Result<Tick> tick(Instant now);

  // The watch of a service; made if need be. Stays where it is.
  Watch& watch(const std::string& service);
  [[nodiscard]] const std::unordered_map<std::string, Watch>& watches() const {
    return watches_;
  }

  // What became of the decisions, and what is in force, is told to this one.
  [[nodiscard]] Policy& policy() { return policy_; }

 private:
  // Absent where no batch is declared: then nothing is known about it.
  [[nodiscard]] std::optional<bool> batch_idle(const Samples& samples) const;
  void look_at_batch(const std::vector<Sample>& batch, Instant now);
  void look_at(const Judgement& judgement);
  void decide();
  // Lets the watches know what the latest decision means for their evidence.
  void heed_decision();

  Config config_;
  std::unique_ptr<Collector> collector_;
  Sampler sampler_;
  std::unordered_map<std::string, Watch> watches_;
  Suspects suspects_;
  Policy policy_;
  // By name of the block; only where one is declared.
  std::unordered_map<std::string, Millicores> declared_;
  std::vector<Judgement> judgements_;
  Situation situation_;
  std::vector<Suspect> ranking_;
  Decision decision_;
};

}  // namespace cpi

#endif  // CPI_PIPELINE_H_
