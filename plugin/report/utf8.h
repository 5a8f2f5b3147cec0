// Text from outside, fit for a page.
#ifndef CPI_REPORT_UTF8_H_
#define CPI_REPORT_UTF8_H_

#include <string>
#include <string_view>

namespace cpi {

// The same text; what is not UTF-8 (RFC 3629: no surrogates, nothing overlong),
// control characters and those that turn the direction of text become U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace cpi

#endif  // CPI_REPORT_UTF8_H_
