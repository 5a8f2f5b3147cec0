#include "store/json.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>

namespace cpi {

Result<Json> parse_json(std::string_view text) {
  json_error_t error;
  Json json(
      json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (json) return json;
  const bool starved = json_error_code(&error) == json_error_out_of_memory;
  return fail(starved ? ENOMEM : 0,
              fmt::format("JSON, line {}, column {}: {}", error.line,
                          error.column, error.text));
}

std::string dump_json(const json_t* json) {
  constexpr int kDigits = 15;
  char* text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(kDigits));
  std::string result = text ? text : "";
  std::free(text);
  return result;
}

std::optional<double> number_in(const json_t* object, const char* name) {
  const json_t* member = json_object_get(object, name);
  if (!json_is_number(member)) return std::nullopt;
  const double value = json_number_value(member);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::string> string_in(const json_t* object, const char* name) {
  const json_t* member = json_object_get(object, name);
  if (!json_is_string(member)) return std::nullopt;
  return std::string(json_string_value(member), json_string_length(member));
}

}  // namespace cpi
