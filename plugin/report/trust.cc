#include <algorithm>
#include <cmath>

#include "model/learner.h"
#include "report/panels.h"

namespace cpi {
namespace {

double median_weight(const Buckets& buckets) {
  std::vector<double> weights;
  for (const Bucket& bucket : buckets.all()) {
    weights.push_back(bucket.all().weight);
  }
  if (weights.empty()) return kNotMeasured;
  const auto middle =
      weights.begin() + static_cast<std::ptrdiff_t>(weights.size() / 2);
  std::nth_element(weights.begin(), middle, weights.end());
  return *middle;
}

std::string running_of(const std::vector<WindowRecord>& windows) {
  double sum = 0;
  double least = kNotMeasured;
  int count = 0;
  for (const WindowRecord& window : windows) {
    if (std::isnan(window.running_ratio)) continue;
    sum += window.running_ratio;
    least = std::fmin(least, window.running_ratio);
    ++count;
  }
  if (count == 0) return cell(kNotMeasured);
  return cell(sum / count) + " (" + cell(least) + ")";
}

const char* verdict_of(const Story& story, const ServiceStory& service,
                       const Words& words) {
  if (!service.model) return words.no_model;
  ModelConfig config = story.model;
  config.bucket_width = service.model->buckets.width();
  Learner learner(config, service.signal);
  learner.restore(*service.model);
  switch (learner.learning()) {
    case Learning::warm_up:
      return words.warm_up;
    case Learning::unverified:
      return words.unverified;
    case Learning::ready:
      break;
  }
  return words.ready;
}

std::size_t incidents_in(const ServiceStory& service) {
  const auto& events = service.history.events;
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [](const EventRecord& event) {
        return event.kind == EventRecord::Kind::opened;
      }));
}

}  // namespace

Figure trust_panel(const Story& story, const Setting& setting) {
  const Words& words = setting.words;
  Figure figure;
  figure.title = words.overview;
  Table& table = figure.tables.emplace_back();
  table.caption = words.trust;
  table.columns = {{words.service, "service"}, {words.windows, ""},
                   {words.incidents, ""},      {words.running, ""},
                   {words.verdict, ""},        {words.model_age, ""},
                   {words.samples, ""},        {words.per_bucket, ""}};
  std::size_t windows = 0;
  std::size_t incidents = 0;
  for (const ServiceStory& service : story.services) {
    const auto& model = service.model;
    windows += service.history.windows.size();
    incidents += incidents_in(service);
    table.rows.push_back(
        {{},
         {service.history.service,
          std::to_string(service.history.windows.size()),
          std::to_string(incidents_in(service)),
          running_of(service.history.windows),
          verdict_of(story, service, words),
          cell(model ? to_seconds(model->observed) / 3600 : kNotMeasured),
          cell(model ? model->samples : kNotMeasured),
          cell(model ? median_weight(model->buckets) : kNotMeasured)}});
  }
  figure.summary =
      say(words.trust_summary, story.services.size(), windows, incidents);
  return figure;
}

}  // namespace cpi
