// A line of the value over usage, fitted and validated on sums alone.
#ifndef CPI_MODEL_REGRESSION_H_
#define CPI_MODEL_REGRESSION_H_

#include "model/moments.h"

namespace cpi {

struct Line {
  double intercept = 0;
  double slope = 0;

  [[nodiscard]] double at(double usage) const {
    return intercept + slope * usage;
  }
};

// The joint moments of usage (x) and value (y) of many samples. Centred, so
// that nothing cancels where the usage hardly varies.
struct LineSums {
  double weight = 0;
  double x = 0;  // weighted means
  double y = 0;
  double xx = 0;  // Σ weight · (x − mean x)², and so on
  double xy = 0;
  double yy = 0;

  // Adds samples that share one usage.
  void add(double usage, const Moments& values);

  // Least squares; level where the usage does not vary.
  [[nodiscard]] Line fit() const;

  // Σ weight · (y − line)² over these samples, whichever samples the line was
  // fitted to: on others it is the validation error. Never negative.
  [[nodiscard]] double squared_error(const Line& line) const;
};

}  // namespace cpi

#endif  // CPI_MODEL_REGRESSION_H_
