#include "store/records_json.h"

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "store/json.h"

namespace cpi {
namespace {

json_t* object_of(const Record& record) {
  json_t* object = json_object();
  for (const auto& [key, value] : record) {
    json_t* text = json_stringn(value.data(), value.size());
    if (json_object_set_new(object, key.c_str(), text) != 0) {
      json_decref(object);
      return nullptr;
    }
  }
  return object;
}

}  // namespace

Result<std::string> records_to_json(const std::vector<Record>& records) {
  const JsonMemory memory;
  const Json array(json_array());
  for (const Record& record : records) {
    if (json_array_append_new(array.get(), object_of(record)) != 0) {
      return fail(memory.ran_out() ? ENOMEM : EILSEQ, "write a record as JSON");
    }
  }
  const std::unique_ptr<char, decltype(&std::free)> text(
      json_dumps(array.get(), JSON_INDENT(2)), &std::free);
  if (memory.ran_out()) return fail(ENOMEM, "write a record as JSON");
  return std::string(text.get()) + "\n";
}

}  // namespace cpi
