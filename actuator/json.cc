#include "actuator/json.h"

#include <cstdlib>

namespace cpi::actuator {
namespace {

bool ran_out = false;

void* watched_malloc(std::size_t size) {
  void* block = std::malloc(size);
  ran_out = ran_out || block == nullptr;
  return block;
}

}  // namespace

void prepare_json() {
  json_set_alloc_funcs(watched_malloc, std::free);
  json_object_seed(1);
}

bool memory_ran_out() { return ran_out; }

Document::Document(std::string_view json) {
  root_ = json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, &error_);
  if (!memory_ran_out()) return;
  json_decref(root_);
  root_ = nullptr;
}

bool has_only(const json_t* object, std::span<const char* const> keys) {
  if (!json_is_object(object)) return false;
  std::size_t known = 0;
  for (const char* key : keys)
    if (json_object_get(object, key) != nullptr) ++known;
  return known == json_object_size(object);
}

bool get_integer(const json_t* value, Range range, std::int64_t* number) {
  if (!json_is_integer(value)) return false;
  *number = json_integer_value(value);
  return *number >= range.least && *number <= range.most;
}

std::string_view get_text(const json_t* value) {
  if (!json_is_string(value)) return {};
  return {json_string_value(value), json_string_length(value)};
}

bool get_integer_or(const json_t* object, const char* key, Range range,
                    std::int64_t fallback, std::int64_t* number) {
  const json_t* value = json_object_get(object, key);
  *number = fallback;
  return value == nullptr || get_integer(value, range, number);
}

bool get_flag_or_false(const json_t* object, const char* key, bool* flag) {
  const json_t* value = json_object_get(object, key);
  *flag = json_is_true(value);
  return value == nullptr || json_is_boolean(value);
}

}  // namespace cpi::actuator
