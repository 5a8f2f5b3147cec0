#include "report/figure.h"

#include <fmt/format.h>

#include <cmath>

namespace cpi {

std::string cell(double value) {
  if (!std::isfinite(value)) return "–";
  // No exponents where people read them.
  constexpr double kPlain = 9999.5;
  return std::abs(value) < kPlain ? fmt::format("{:.4g}", value)
                                  : fmt::format("{:.0f}", value);
}

}  // namespace cpi
