#include "model/regression.h"

#include <algorithm>

namespace cpi {

void LineSums::add(double usage, const Moments& values) {
  if (values.weight <= 0) return;
  weight += values.weight;
  const double share = values.weight / weight;
  const double dx = usage - x;
  const double dy = values.mean - y;
  const double spread = values.weight * (1 - share);
  x += dx * share;
  y += dy * share;
  xx += spread * dx * dx;
  xy += spread * dx * dy;
  yy += spread * dy * dy + values.m2;
}

Line LineSums::fit() const {
  const double slope = xx > 0 ? xy / xx : 0;
  return {y - slope * x, slope};
}

double LineSums::squared_error(const Line& line) const {
  const double offset = y - line.at(x);
  const double about_means =
      yy - 2 * line.slope * xy + line.slope * line.slope * xx;
  return std::max(0.0, about_means) + weight * offset * offset;
}

}  // namespace cpi
