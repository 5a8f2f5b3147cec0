// Everything a report says, in each language. Texts with {} are formats.
#ifndef CPI_REPORT_WORDS_H_
#define CPI_REPORT_WORDS_H_

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace cpi {

// Each member is one text; both languages have all of them (tested).
struct Words {
  const char* code;  // of the language, for the page
  const char* yes;
  const char* no;
  // The page.
  const char* title;
  const char* period;
  const char* made;
  const char* skip;
  const char* services;
  const char* overview;
  const char* table;
  const char* licences;
  const char* no_services;
  const char* printed;
  // Trust.
  const char* trust;
  const char* service;
  const char* windows;
  const char* incidents;
  const char* anomalies;
  const char* running;
  const char* model_age;
  const char* samples;
  const char* per_bucket;
  const char* verdict;
  const char* no_model;
  const char* warm_up;
  const char* unverified;
  const char* ready;
  const char* trust_summary;
  // Timeline.
  const char* timeline;
  const char* time;
  const char* usage;
  const char* highest;
  const char* expected;
  const char* low;
  const char* high;
  const char* band;
  const char* deviation;
  const char* latency;
  const char* wait;
  const char* starvation;
  const char* incident;
  const char* timeline_caption;
  const char* timeline_summary;
  const char* incident_share;
  const char* no_windows;
  // Clusters.
  const char* clusters;
  const char* weight;
  const char* mean;
  const char* sigma;
  const char* line;
  const char* clusters_caption;
  const char* recent_caption;
  const char* anomaly;
  const char* clusters_summary;
  const char* with_line;
  const char* no_clusters;
  // Incidents.
  const char* happened;
  const char* no_incidents;
  const char* left_out;
  const char* incident_title;
  const char* incident_summary;
  const char* open;
  const char* lasted;
  const char* suspects;
  const char* rank;
  const char* container;
  const char* block;
  const char* correlation;
  const char* cpus;
  const char* explains;
  const char* suspects_summary;
  const char* no_suspects;
  const char* steps;
  const char* action;
  const char* before;
  const char* after;
  const char* deviation_before;
  const char* deviation_after;
  const char* reason;
  const char* steps_summary;
  const char* no_steps;
  const char* would;
  const char* lowered;
  const char* raised;
  const char* released;
  const char* rescheduled;
  const char* frozen;
  const char* thawed;
  const char* mild;
  const char* strong;
  const char* severe;
  // Days.
  const char* days;
  const char* day;
  const char* frozen_minutes;
  const char* refuted;
  const char* days_caption;
  const char* days_summary;
};

// "en" or "zh".
const Words* words_in(std::string_view language);

// A text with its arguments. REQUIRES: they fit, which a test sees to.
template <class... Args>
std::string say(const char* text, const Args&... args) {
  return fmt::format(fmt::runtime(text), args...);
}

}  // namespace cpi

#endif  // CPI_REPORT_WORDS_H_
