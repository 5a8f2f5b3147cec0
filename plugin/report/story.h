// What a report tells: the input of this stage, whoever gathered it.
#ifndef CPI_REPORT_STORY_H_
#define CPI_REPORT_STORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config/model.h"
#include "model/score.h"
#include "model/state.h"
#include "store/history.h"

namespace cpi {

// One service, and the model of its scored signal where there is one.
struct ServiceStory {
  ServiceHistory history;
  Signal signal = Signal::cpi;
  std::optional<LearnerState> model;
};

struct Story {
  // Of whom: the host's name, or a recording's.
  std::string subject;
  // The period shown, and when this was made, milliseconds since 1970, UTC.
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
  std::int64_t made_ms = 0;
  // What the models were used with.
  ModelConfig model;
  std::vector<ServiceStory> services;
  // What the reader should know beforehand, for people.
  std::vector<std::string> remarks;
};

// Leaves what belongs to the period, in order of time: a clock may have been
// set back. Totals stay; their month is the panel's business.
void cut(Story& story);

}  // namespace cpi

#endif  // CPI_REPORT_STORY_H_
