// UTF-8: what a configuration may hold, and how wide it is on a terminal.
#ifndef CPI_BASE_UTF8_H_
#define CPI_BASE_UTF8_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace cpi {

// Takes one code point off the front of `text`. Nothing, and `text` as it was,
// where it begins with none: overlong forms, surrogates and what lies beyond
// U+10FFFF are none (RFC 3629, section 4). REQUIRES: text is not empty.
std::optional<char32_t> take_code_point(std::string_view& text);

bool is_utf8(std::string_view text);

// Columns of a terminal: two for wide and full-width characters (Unicode
// Standard Annex #11, W and F), none for combining ones, else one. A byte that
// is no UTF-8 counts as one.
std::size_t display_width(std::string_view text);

}  // namespace cpi

#endif  // CPI_BASE_UTF8_H_
