#include "watch.h"

#include <utility>

namespace cpi {
namespace {

std::optional<double> value_of(const Sample& sample, Signal signal,
                               const std::string& wanted) {
  const bool counted = sample.counted.has_value();
  switch (signal) {
    case Signal::cpi:
      if (!counted || wanted == "ns_per_instruction") break;
      return sample.counted->cpi();
    case Signal::ns_per_instruction:
      if (!counted || wanted == "cpi") break;
      return sample.counted->ns_per_instruction();
    case Signal::cpu_wait:
      if (sample.wait_cause == WaitCause::limit ||
          sample.wait_cause == WaitCause::steal) {
        break;
      }
      return sample.cpu_wait;
  }
  return std::nullopt;
}

Trust trust_of(const Detector& detector, bool own_doing) {
  if (!detector.incident()) return Trust::calm;
  return own_doing ? Trust::exonerated : Trust::incident;
}

}  // namespace

Watch::Watch(std::string service, const ModelConfig& model,
             const DetectorConfig& detector)
    : service_(std::move(service)),
      model_(model),
      detector_(detector),
      feedback_(model) {
  for (int signal = 0; signal < kSignals; ++signal) {
    learners_.emplace_back(model, static_cast<Signal>(signal));
  }
}

std::optional<Observation> Watch::observe(
    const Sample& sample, Signal signal, std::optional<bool> batch_idle) const {
  const auto value = value_of(sample, signal, model_.signal);
  if (!value || !sample.cpu_usage) return std::nullopt;
  return Observation{*sample.cpu_usage,
                     *value,
                     sample.cpus,
                     sample.end,
                     sample.end - sample.begin,
                     batch_idle.value_or(false)};
}

Watch::Replica& Watch::replica_of(const Sample& sample) {
  auto [entry, first] = replicas_.try_emplace(sample.cgroup);
  Replica& replica = entry->second;
  // A container that appears while its service is watched has just started;
  // those found at the beginning may be old.
  if (first && started_) {
    replica.graced_until = sample.begin + model_.startup_grace;
  }
  replica.round = round_;
  return replica;
}

Judgement Watch::judge(const Sample& sample, std::optional<bool> batch_idle) {
  Judgement judgement;
  judgement.sample = &sample;
  Replica& replica = replica_of(sample);
  const bool graced =
      replica.graced_until && sample.end < *replica.graced_until;
  if (graced) return judgement;
  if (executables_.meet(sample.executable)) {
    restart();
    judgement.restarted = true;
  }
  for (int i = 0; i < kSignals; ++i) {
    const auto signal = static_cast<Signal>(i);
    const auto observation = observe(sample, signal, batch_idle);
    if (observation) {
      judgement.findings[i] =
          judge(replica, *observation, signal, sample.cgroup);
    } else {
      Learner::interrupt(replica.held[i]);
    }
  }
  judgement.model_samples = learner(scored()).model().weight();
  judgement.model_age = learner(scored()).observed();
  return judgement;
}

Finding Watch::judge(Replica& replica, const Observation& observation,
                     Signal signal, const CgroupId& cgroup) {
  const int i = static_cast<int>(signal);
  auto& detector = replica.detectors[i];
  if (!detector) detector.emplace(detector_, service_, cgroup);

  Finding finding;
  finding.score = learners_[i].score(observation);
  finding.change =
      detector->update(finding.score, observation.time, observation.window);
  detector->set_own_doing(observation.batch_idle);
  if (learning_) {
    const Trust trust = trust_of(*detector, observation.batch_idle);
    const bool accepted =
        learners_[i].learn(observation, finding.score, trust, replica.held[i]);
    if (signal == scored()) {
      finding.refuted = consult_latency(finding, *detector, observation.time);
    }
    if (finding.change == Change::recovered) learners_[i].close_incident();
    if (accepted) {
      reset_detectors(signal);
      finding.change = detector->tell_reset();
    }
  }
  if (finding.change == Change::recovered && detector->closed()) {
    finding.incident = &*detector->closed();
  } else {
    finding.incident = detector->incident();
  }
  return finding;
}

void Watch::forget_absent() {
  std::erase_if(replicas_, [this](const auto& entry) {
    return round_ - entry.second.round > detector_.max_missing;
  });
  started_ = true;
  ++round_;
}

Signal Watch::scored() const {
  return model_.signal == "ns_per_instruction" ? Signal::ns_per_instruction
                                               : Signal::cpi;
}

void Watch::latency(double value, Instant now) {
  feedback_.latency(value, deviation_, now);
  learner(scored()).set_deviations(feedback_.deviations(now));
}

bool Watch::consult_latency(const Finding& finding, const Detector& detector,
                            Instant now) {
  deviation_ = finding.score.deviation;
  const bool begins = finding.score.anomaly || finding.change == Change::opened;
  if (begins && !feedback_.open()) feedback_.begin();
  if (finding.change == Change::recovered) {
    const bool refuted = feedback_.end(now) == Verdict::refuted;
    if (refuted) learner(scored()).accept_incident();
    learner(scored()).set_deviations(feedback_.deviations(now));
    return refuted;
  }
  if (!detector.incident() && !detector.suspicious()) {
    feedback_.dismiss();
  }
  return false;
}

void Watch::spend(const CgroupId& victim) {
  const auto found = replicas_.find(victim);
  if (found == replicas_.end()) return;
  feedback_.action();
  for (auto& detector : found->second.detectors) {
    if (detector) detector->spend();
  }
}

bool Watch::exonerate(const CgroupId& victim, Signal signal) {
  const auto found = replicas_.find(victim);
  if (found == replicas_.end() || !learner(signal).accept_incident()) {
    return false;
  }
  reset_detectors(signal);
  return true;
}

void Watch::reset_detectors(Signal signal) {
  for (auto& [cgroup, replica] : replicas_) {
    auto& detector = replica.detectors[static_cast<int>(signal)];
    if (detector) detector->reset();
  }
}

void Watch::restart() {
  for (Learner& learner : learners_) learner.restart();
  for (int i = 0; i < kSignals; ++i) reset_detectors(static_cast<Signal>(i));
  for (auto& [cgroup, replica] : replicas_) replica.held = {};
  feedback_ = Feedback(model_);
  deviation_.reset();
}

ServiceState Watch::state() const {
  ServiceState state;
  for (int i = 0; i < kSignals; ++i) {
    const Model& model = learners_[i].model();
    const bool empty = model.buckets().empty() && model.noise().weight <= 0;
    if (!empty) state[i] = learners_[i].state();
  }
  return state;
}

void Watch::restore(const ServiceState& state, Instant now) {
  const auto& saved = state[static_cast<int>(scored())];
  if (saved) feedback_.set_deviations(saved->deviations, now);
  for (int i = 0; i < kSignals; ++i) {
    if (state[i]) learners_[i].restore(*state[i]);
  }
}

void Watch::seed(const ServiceState& state) {
  for (int i = 0; i < kSignals; ++i) {
    if (state[i]) learners_[i].seed(*state[i]);
  }
}

}  // namespace cpi
