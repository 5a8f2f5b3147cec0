#include "store/json.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>

namespace cpi {
namespace {

json_malloc_t g_allocate = nullptr;
thread_local unsigned long g_failures = 0;

void* watched_malloc(std::size_t size) {
  void* block = g_allocate(size);
  if (!block) ++g_failures;
  return block;
}

// While the program or the module is loaded, before there are threads: jansson
// is not told of new functions under the hands of others who use it.
const bool g_watching = [] {
  json_malloc_t allocate = nullptr;
  json_free_t release = nullptr;
  json_get_alloc_funcs(&allocate, &release);
  watch_json(allocate, release);
  return true;
}();

}  // namespace

void watch_json(json_malloc_t allocate, json_free_t release) {
  g_allocate = allocate;
  json_set_alloc_funcs(watched_malloc, release);
}

JsonMemory::JsonMemory() : failures_(g_failures) { (void)g_watching; }

bool JsonMemory::ran_out() const { return g_failures != failures_; }

Result<Json> parse_json(std::string_view text) {
  const JsonMemory memory;
  json_error_t error;
  Json json(
      json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (memory.ran_out()) return fail(ENOMEM, "read JSON");
  if (json) return json;
  return fail(0, fmt::format("JSON, line {}, column {}: {}", error.line,
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
