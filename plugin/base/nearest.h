// "Did you mean …": the known word closest to an unknown one.
#ifndef CPI_BASE_NEAREST_H_
#define CPI_BASE_NEAREST_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace cpi {

// Insertions, deletions and substitutions that make `a` into `b`, ignoring
// case (Levenshtein distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The first of the closest words; empty when `known` is.
std::string_view nearest(std::string_view word,
                         std::span<const std::string_view> known);

}  // namespace cpi

#endif  // CPI_BASE_NEAREST_H_
