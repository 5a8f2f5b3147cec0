// A recording, as the pipeline played it → a report's story.
#ifndef CPI_CLI_RECORDED_STORY_H_
#define CPI_CLI_RECORDED_STORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "model/state.h"
#include "report/story.h"

namespace cpi {

class Chronicle;
struct Judgement;
struct Tick;

// A recording's own clock is taken for seconds since 1970.
class RecordedStory {
 public:
  // `subject`: what the report is called after.
  RecordedStory(std::string subject, const std::vector<std::string>& services);
  ~RecordedStory();

  void add(const Tick& tick);
  // One window by itself; where it was added before it is left out, for a run
  // may be judged several times.
  void add(const Judgement& judgement);

  // All that was added, with each service's model.
  Story finish(const std::map<std::string, ServiceState>& models,
               const ModelConfig& config);

 private:
  Story story_;
  std::unique_ptr<Chronicle> chronicle_;
  std::set<std::pair<std::string, Instant>> added_;
};

}  // namespace cpi

#endif  // CPI_CLI_RECORDED_STORY_H_
