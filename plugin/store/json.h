// jansson behind RAII, for this folder only.
#ifndef CPI_STORE_JSON_H_
#define CPI_STORE_JSON_H_

#include <jansson.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cpi {

struct JsonRelease {
  void operator()(json_t* json) const { json_decref(json); }
};
// Owns one reference.
using Json = std::unique_ptr<json_t, JsonRelease>;

// The value in `text`, and nothing after it; an error names line and column.
Result<Json> parse_json(std::string_view text);

// On one line, numbers to 15 digits: enough for 1e-9, and quick to read.
std::string dump_json(const json_t* json);

// Members of an object. Absent where it is no object, has no such member, or
// the member is of another type or not finite.
std::optional<double> number_in(const json_t* object, const char* name);
std::optional<std::string> string_in(const json_t* object, const char* name);

}  // namespace cpi

#endif  // CPI_STORE_JSON_H_
