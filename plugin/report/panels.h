// The panels of a report, from what it tells to figures. Pure arithmetic and
// words; times are cut by the zone.
#ifndef CPI_REPORT_PANELS_H_
#define CPI_REPORT_PANELS_H_

#include <string>
#include <vector>

#include "report/figure.h"
#include "report/story.h"
#include "report/words.h"
#include "report/zone.h"

namespace cpi {

// What all panels are made with.
struct Setting {
  const Words& words;
  const Zone& zone;
};

// How far each service's figures can be trusted: running ratio, age and
// thickness of the model.
Figure trust_panel(const Story& story, const Setting& setting);

// The value, its expected band, latency and CPU wait on one time axis,
// incidents marked. At most kTimelineRows rows: each the mean of as many
// windows as it takes, with the most deviating one beside it.
inline constexpr int kTimelineRows = 288;
Figure timeline_panel(const Story& story, const ServiceStory& service,
                      const Setting& setting);

// The model's buckets with their band and line, the latest windows and
// anomalies on top. Of more buckets than kMostBuckets the heaviest are shown.
inline constexpr std::size_t kMostBuckets = 300;
inline constexpr std::size_t kMostRecent = 120;
Figure clusters_panel(const Story& story, const ServiceStory& service,
                      const Setting& setting);

// One incident: who was suspected, what was done, and whether it helped.
struct IncidentPanel {
  std::string title;
  std::string summary;
  Figure suspects;
  Figure steps;
};
struct IncidentPanels {
  std::string summary;                // of all of them
  std::vector<IncidentPanel> panels;  // latest first, at most kMostIncidents
};
inline constexpr std::size_t kMostIncidents = 20;
IncidentPanels incident_panels(const ServiceStory& service,
                               const Setting& setting);

// Actions per local day over the month that ends with the period.
inline constexpr int kDays = 30;
Figure days_panel(const Story& story, const Setting& setting);

// What the service's scored value is called.
std::string value_name(const ServiceStory& service);

}  // namespace cpi

#endif  // CPI_REPORT_PANELS_H_
