#include "cli/recorded_story.h"

#include <chrono>
#include <utility>

namespace cpi {

RecordedStory::RecordedStory(std::string subject,
                             const std::vector<std::string>& services)
    : chronicle_(services) {
  story_.subject = std::move(subject);
  for (const std::string& service : services) {
    story_.services.emplace_back().history.service = service;
  }
}

void RecordedStory::add(const Tick& tick) {
  const auto now_ms =
      std::chrono::round<std::chrono::milliseconds>(tick.now.time_since_epoch())
          .count();
  if (story_.to_ms == 0) story_.from_ms = now_ms;
  story_.to_ms = now_ms;
  chronicle_.write(tick, now_ms);
}

Story RecordedStory::finish(Pipeline& pipeline, const ModelConfig& config) {
  story_.model = config;
  const HistoryPage& page = chronicle_.page();
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
    service.model = pipeline.watch(service.history.service)
                        .state()[static_cast<int>(service.signal)];
  }
  return std::move(story_);
}

}  // namespace cpi
