#include <algorithm>
#include <cmath>

#include "model/learner.h"
#include "report/panels.h"

namespace cpi {
namespace {

// The heaviest, in order of usage.
std::vector<const Bucket*> shown(const Buckets& buckets) {
  std::vector<const Bucket*> all;
  for (const Bucket& bucket : buckets.all()) all.push_back(&bucket);
  if (all.size() <= kMostBuckets) return all;
  std::nth_element(all.begin(), all.begin() + kMostBuckets, all.end(),
                   [](const Bucket* a, const Bucket* b) {
                     return a->all().weight > b->all().weight;
                   });
  all.resize(kMostBuckets);
  std::sort(all.begin(), all.end(), [](const Bucket* a, const Bucket* b) {
    return a->index < b->index;
  });
  return all;
}

Row row_of(const Bucket& bucket, const Learner& learner) {
  const Model& model = learner.model();
  const double usage = model.buckets().centre(bucket);
  const Expectation expected = model.expect(usage);
  const double half = learner.deviations() * expected.standard_deviation;
  const Moments all = bucket.all();
  const Fit& fit = model.fit();
  const bool on_line = fit.line && usage >= fit.low && usage <= fit.high;
  return {
      {},
      {cell(100 * usage), cell(all.weight), cell(all.mean),
       cell(std::sqrt(all.m2 / all.weight)), cell(expected.mean),
       cell(std::max(expected.mean - half, 0.0)), cell(expected.mean + half),
       cell(on_line ? fit.line->at(usage) : kNotMeasured)}};
}

bool is_anomaly(const WindowRecord& window) {
  return window.has(WindowRecord::kAnomaly);
}

Table recent_table(const ServiceStory& service, const Setting& setting) {
  const Words& words = setting.words;
  Table table;
  table.caption = words.recent_caption;
  table.columns = {{words.time, ""},
                   {words.usage, "usage"},
                   {value_name(service), "value"},
                   {words.deviation, ""},
                   {words.anomaly, "anomaly"}};
  const auto& windows = service.history.windows;
  std::size_t anomalies = 0;
  for (std::size_t after = 0; after < windows.size(); ++after) {
    const WindowRecord& window = windows[windows.size() - 1 - after];
    if (std::isnan(window.usage) || std::isnan(window.value)) continue;
    const bool anomaly = is_anomaly(window);
    anomalies += anomaly;
    if (after >= kMostRecent && (!anomaly || anomalies > kMostRecent)) continue;
    table.rows.push_back(
        {window.time_ms,
         {setting.zone.time(window.time_ms), cell(100 * double{window.usage}),
          cell(window.value), cell(window.deviation()),
          anomaly ? words.yes : ""}});
  }
  std::reverse(table.rows.begin(), table.rows.end());
  return table;
}

Table buckets_table(const ServiceStory& service, const Learner& learner,
                    const Words& words) {
  Table table;
  table.caption = words.clusters_caption;
  table.columns = {{words.usage, "usage"},       {words.weight, "weight"},
                   {words.mean, "value"},        {words.sigma, ""},
                   {words.expected, "expected"}, {words.low, "low"},
                   {words.high, "high"},         {words.line, "line"}};
  for (const Bucket* bucket : shown(service.model->buckets)) {
    table.rows.push_back(row_of(*bucket, learner));
  }
  return table;
}

std::string summary_of(const Learner& learner, const Words& words) {
  const Model& model = learner.model();
  const auto& all = model.buckets().all();
  std::string summary = say(words.clusters_summary, all.size(),
                            cell(100 * model.buckets().centre(all.front())),
                            cell(100 * model.buckets().centre(all.back())),
                            cell(model.weight()), cell(learner.deviations()));
  const Fit& fit = model.fit();
  if (fit.line) {
    summary +=
        " " + say(words.with_line, cell(100 * fit.low), cell(100 * fit.high));
  }
  return summary;
}

}  // namespace

Figure clusters_panel(const Story& story, const ServiceStory& service,
                      const Setting& setting) {
  const Words& words = setting.words;
  Figure figure;
  figure.kind = "clusters";
  figure.title = say(words.clusters, value_name(service));
  if (!service.model || service.model->buckets.empty()) {
    figure.summary = words.no_clusters;
    return figure;
  }
  ModelConfig config = story.model;
  config.bucket_width = service.model->buckets.width();
  Learner learner(config, service.signal);
  learner.restore(*service.model);
  figure.summary = summary_of(learner, words);
  figure.tables = {buckets_table(service, learner, words),
                   recent_table(service, setting)};
  return figure;
}

}  // namespace cpi
