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

// jansson's parser goes on when an allocation fails, with a character
// less: 24.5 becomes 4.5. So its allocations are watched, from the moment this
// code is loaded, on top of whatever functions jansson had; and what was read
// or made while one failed is not believed.
//
//   const JsonMemory memory;
//   … jansson …
//   if (memory.ran_out()) return fail(ENOMEM, …);
//
// Of the calling thread only.
class JsonMemory {
 public:
  JsonMemory();
  // Whether an allocation of jansson's has failed since.
  [[nodiscard]] bool ran_out() const;

 private:
  unsigned long failures_;
};

// Watches these functions in place of those that jansson has. For tests.
// REQUIRES: nobody uses jansson meanwhile.
void watch_json(json_malloc_t allocate, json_free_t release);

// The value in `text`, and nothing after it; an error names line and column.
// ENOMEM: memory was short, and nothing is known about the text.
Result<Json> parse_json(std::string_view text);

// On one line, numbers to 15 digits: enough for 1e-9, and quick to read. Empty
// where memory was short.
std::string dump_json(const json_t* json);

// Members of an object. Absent where it is no object, has no such member, or
// the member is of another type or not finite.
std::optional<double> number_in(const json_t* object, const char* name);
std::optional<std::string> string_in(const json_t* object, const char* name);

}  // namespace cpi

#endif  // CPI_STORE_JSON_H_
