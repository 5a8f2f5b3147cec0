#include "cli/recorded_story.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "chronicle.h"
#include "pipeline.h"

namespace cpi {

RecordedStory::RecordedStory(std::string subject,
                             const std::vector<std::string>& services)
    : chronicle_(std::make_unique<Chronicle>(services)) {
  story_.subject = std::move(subject);
  for (const std::string& service : services) {
    story_.services.emplace_back().history.service = service;
  }
}

RecordedStory::~RecordedStory() = default;

void RecordedStory::add(const Tick& tick) {
  const auto now_ms =
      std::chrono::round<std::chrono::milliseconds>(tick.now.time_since_epoch())
          .count();
  const bool first = story_.to_ms == 0;
  story_.from_ms = first ? now_ms : std::min(story_.from_ms, now_ms);
  story_.to_ms = std::max(story_.to_ms, now_ms);
  chronicle_->write(tick, now_ms);
}

void RecordedStory::add(const Judgement& judgement) {
  const Sample& sample = *judgement.sample;
  if (!added_.emplace(sample.workload, sample.end).second) return;
  const std::vector<Judgement> judgements = {judgement};
  Tick tick;
  tick.now = sample.end;
  tick.judgements = &judgements;
  add(tick);
}

Story RecordedStory::finish(const std::map<std::string, ServiceState>& models,
                            const ModelConfig& config) {
  story_.model = config;
  const HistoryPage& page = chronicle_->page();
  for (const auto& [service, window] : page.windows) {
    story_.services[service].history.windows.push_back(window);
  }
  for (const auto& [service, event] : page.events) {
    story_.services[service].history.events.push_back(event);
  }
  for (const auto& [service, total] : page.totals) {
    story_.services[service].history.totals.push_back(total);
  }
  for (ServiceStory& service : story_.services) {
    service.signal = config.signal == "ns_per_instruction"
                         ? Signal::ns_per_instruction
                         : Signal::cpi;
    const auto model = models.find(service.history.service);
    if (model == models.end()) continue;
    service.model = model->second[static_cast<int>(service.signal)];
  }
  return std::move(story_);
}

}  // namespace cpi
