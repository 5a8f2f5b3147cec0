#include "store/records_json.h"

#include <jansson.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace cpi {
namespace {

struct Release {
  void operator()(json_t* value) const { json_decref(value); }
};

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
  const std::unique_ptr<json_t, Release> array(json_array());
  for (const Record& record : records) {
    if (json_array_append_new(array.get(), object_of(record)) != 0) {
      return fail(EILSEQ, "write a record as JSON");
    }
  }
  const std::unique_ptr<char, decltype(&std::free)> text(
      json_dumps(array.get(), JSON_INDENT(2)), &std::free);
  return std::string(text.get()) + "\n";
}

}  // namespace cpi
