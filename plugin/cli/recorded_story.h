// A recording, as the pipeline played it → a report's story.
#ifndef CPI_CLI_RECORDED_STORY_H_
#define CPI_CLI_RECORDED_STORY_H_

#include <string>
#include <vector>

#include "chronicle.h"
#include "pipeline.h"
#include "report/story.h"

namespace cpi {

// A recording's own clock is taken for seconds since 1970.
class RecordedStory {
 public:
  // `subject`: what the report is called after.
  RecordedStory(std::string subject, const std::vector<std::string>& services);

  void add(const Tick& tick);

  // All that was added, with the models as `pipeline` has them now.
  Story finish(Pipeline& pipeline, const ModelConfig& config);

 private:
  Story story_;
  Chronicle chronicle_;
};

}  // namespace cpi

#endif  // CPI_CLI_RECORDED_STORY_H_
