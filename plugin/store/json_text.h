// JSON for those who only print it.
#ifndef CPI_STORE_JSON_TEXT_H_
#define CPI_STORE_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace cpi {

// The text as a JSON string, quotes included. What is not UTF-8 becomes '?'.
std::string json_quote(std::string_view text);

// The shortest number that reads back the same; null where it is not finite.
std::string json_number(double value);

}  // namespace cpi

#endif  // CPI_STORE_JSON_TEXT_H_
