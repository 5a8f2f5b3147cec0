#include "base/nearest.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace cpi {
namespace {

int folded(char c) { return std::tolower(static_cast<unsigned char>(c)); }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // One row of the usual matrix: row[j] is the distance of a's first i
  // characters from b's first j.
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted =
          diagonal + (folded(a[i - 1]) == folded(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view word,
                         std::span<const std::string_view> known) {
  const auto closest = std::min_element(
      known.begin(), known.end(), [word](auto one, auto other) {
        return edit_distance(word, one) < edit_distance(word, other);
      });
  return closest == known.end() ? std::string_view{} : *closest;
}

}  // namespace cpi
