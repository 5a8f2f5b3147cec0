// Names of series. collectd keeps 127 bytes of each part of an identifier, cut
// silently: two names that differ later would become one series.
#ifndef CPI_COLLECTD_IDENTIFIER_H_
#define CPI_COLLECTD_IDENTIFIER_H_

#include <string>
#include <string_view>

namespace cpi {

// `text` if it fits, else its beginning, '-', and a hash of the whole.
std::string identifier(std::string_view text);

// Twelve hexadecimal digits that stand for a text, the same in every process
// on every host (48 bits of FNV-1a, 64 bit).
std::string short_id(std::string_view text);

}  // namespace cpi

#endif  // CPI_COLLECTD_IDENTIFIER_H_
