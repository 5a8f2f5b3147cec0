// Reading JSON strictly: a key has the right type and range, or the whole
// document is wrong.
#ifndef CPI_ACTUATOR_JSON_H_
#define CPI_ACTUATOR_JSON_H_

#include <jansson.h>

#include <span>

#include "actuator/fixed.h"

namespace cpi::actuator {

// Call first in main. jansson's parser drops characters when memory is short
// and goes on, so its allocations are watched. Its hash gets a constant seed:
// only root writes what is parsed, and no /dev/urandom need be opened.
void prepare_json();
// Has an allocation of jansson's failed since? Then nothing it parsed or
// printed can be trusted.
[[nodiscard]] bool memory_ran_out();

// Owns a parsed document; null when it is not JSON, has a key twice, or memory
// was short.
class Document {
 public:
  explicit Document(std::string_view json);
  ~Document() { json_decref(root_); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  [[nodiscard]] const json_t* root() const { return root_; }
  // When it is null: the line at which the parser gave up.
  [[nodiscard]] int line() const { return error_.line; }

 private:
  json_error_t error_;
  json_t* root_;
};

// An object whose keys are all among `keys`.
[[nodiscard]] bool has_only(const json_t* object,
                            std::span<const char* const> keys);

struct Range {
  std::int64_t least, most;
};
[[nodiscard]] bool get_integer(const json_t* value, Range range,
                               std::int64_t* number);
[[nodiscard]] std::string_view get_text(const json_t* value);  // else empty

// As above for a key that may be absent; then the fallback holds.
[[nodiscard]] bool get_integer_or(const json_t* object, const char* key,
                                  Range range, std::int64_t fallback,
                                  std::int64_t* number);
[[nodiscard]] bool get_flag_or_false(const json_t* object, const char* key,
                                     bool* flag);

// read(item) for each item of an array, while it returns true. True when all
// were read; an absent array is wrong.
template <class Read>
[[nodiscard]] bool each_item(const json_t* array, Read read) {
  if (!json_is_array(array)) return false;
  for (std::size_t i = 0; i < json_array_size(array); ++i)
    if (!read(json_array_get(array, i))) return false;
  return true;
}

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_JSON_H_
