// Learning from recordings that are known, or declared, to be undisturbed.
#ifndef CPI_CLI_TRAINING_H_
#define CPI_CLI_TRAINING_H_

#include <vector>

#include "sample/sample.h"
#include "watch.h"

namespace cpi {

// Learns every sample as it is, then measures how deviations from the finished
// model persist from window to window. Each element is a stretch without
// holes. Unlike a live service, nothing is clipped or held back: somebody has
// said that these samples are normal.
void train(Watch& watch,
           const std::vector<const std::vector<Sample>*>& stretches);

}  // namespace cpi

#endif  // CPI_CLI_TRAINING_H_
