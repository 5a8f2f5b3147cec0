#include "store/config_json.h"

#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/options.h"
#include "store/atomic_file.h"
#include "store/json.h"

namespace cpi {
namespace {

// ---- Config → JSON. A null json_t anywhere means: some text is not UTF-8. The
// jansson calls take what they are given, also when they fail.

struct Writer {
  json_t* operator()(const bool* flag) const { return json_boolean(*flag); }
  json_t* operator()(const double* number) const { return json_real(*number); }
  json_t* operator()(const std::uint64_t* number) const {
    return json_integer(static_cast<json_int_t>(*number));
  }
  json_t* operator()(const Duration* time) const {
    return json_real(to_seconds(*time));
  }
  json_t* operator()(const std::string* text) const {
    return json_stringn(text->data(), text->size());
  }
  json_t* operator()(const SelectorField& field) const {
    Json list(json_array());
    for (const Selector& selector : *field.list) {
      const bool is_deployment = selector.kind == Selector::Kind::deployment;
      if (is_deployment != field.deployment) continue;
      const std::string text = spelling(selector);
      if (json_array_append_new(list.get(),
                                json_stringn(text.data(), text.size())) != 0) {
        return nullptr;
      }
    }
    return list.release();
  }
  // Not reached: add_declared() writes those.
  json_t* operator()(const DeclaredField&) const { return nullptr; }
};

struct ScalarWriter {
  json_t* operator()(const std::string& text) const {
    return json_stringn(text.data(), text.size());
  }
  json_t* operator()(double number) const { return json_real(number); }
  json_t* operator()(bool flag) const { return json_boolean(flag); }
};

// One occurrence: its only value, or a list of them.
json_t* occurrence_of(const std::vector<Scalar>& values) {
  Json list(json_array());
  for (const Scalar& value : values) {
    json_t* json = std::visit(ScalarWriter{}, value);
    if (values.size() == 1) return json;
    if (json_array_append_new(list.get(), json) != 0) return nullptr;
  }
  return list.release();
}

// Of a field that is absent, nothing is written.
bool add_declared(json_t* object, const std::string& name,
                  const DeclaredField& field) {
  const auto occurrences = field.give(field.member);
  if (occurrences.empty()) return true;
  if (!field.repeatable) {
    return json_object_set_new(object, name.c_str(),
                               occurrence_of(occurrences.front())) == 0;
  }
  Json list(json_array());
  for (const auto& values : occurrences) {
    if (json_array_append_new(list.get(), occurrence_of(values)) != 0) {
      return false;
    }
  }
  return json_object_set_new(object, name.c_str(), list.release()) == 0;
}

// Adds every option of a block to `object`. By value: an option's field is a
// mutable one.
template <class Block>
bool add_options(json_t* object, Block block) {
  for (const auto& option : options<Block>()) {
    const std::string name(option.name);
    const Field field = option.field(block);
    if (const auto* declared = std::get_if<DeclaredField>(&field)) {
      if (!add_declared(object, name, *declared)) return false;
      continue;
    }
    json_t* value = std::visit(Writer{}, field);
    if (json_object_set_new(object, name.c_str(), value) != 0) return false;
  }
  return true;
}

template <class Block>
json_t* array_of(const std::vector<Block>& blocks) {
  Json array(json_array());
  for (const Block& block : blocks) {
    Json object(json_object());
    if (json_object_set_new(object.get(), "Name",
                            json_string(block.name.c_str())) != 0 ||
        !add_options(object.get(), block) ||
        json_array_append_new(array.get(), object.release()) != 0) {
      return nullptr;
    }
  }
  return array.release();
}

// ---- JSON → Config.

// What is wrong, without the source.
using Problem = std::optional<std::string>;

std::optional<Scalar> scalar_of(const json_t* value) {
  if (json_is_string(value)) {
    return std::string(json_string_value(value), json_string_length(value));
  }
  if (json_is_number(value)) return json_number_value(value);
  if (json_is_boolean(value)) return json_is_true(value);
  return std::nullopt;
}

template <class Block>
Problem set_scalar(const json_t* value, const Option<Block>& option,
                   Block& block) {
  const auto scalar = scalar_of(value);
  if (!scalar) return fmt::format("{}: expected one value", option.name);
  const auto expected = assign(option.field(block), option.domain, *scalar);
  if (!expected) return std::nullopt;
  return fmt::format("{}: expected {}", option.name, *expected);
}

// The inverse of occurrence_of().
std::optional<std::vector<Scalar>> values_of(const json_t* occurrence) {
  std::vector<Scalar> values;
  const bool list = json_is_array(occurrence);
  for (std::size_t i = 0; i < (list ? json_array_size(occurrence) : 1); ++i) {
    auto value = scalar_of(list ? json_array_get(occurrence, i) : occurrence);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  return values;
}

Problem set_declared(const json_t* value, std::string_view name,
                     const DeclaredField& field) {
  if (field.repeatable && !json_is_array(value)) {
    return fmt::format("{}: expected a list", name);
  }
  const std::size_t occurrences = field.repeatable ? json_array_size(value) : 1;
  for (std::size_t i = 0; i < occurrences; ++i) {
    const auto values =
        values_of(field.repeatable ? json_array_get(value, i) : value);
    const auto expected = values ? field.take(field.member, *values)
                                 : std::optional<std::string>("plain values");
    if (expected) return fmt::format("{}: expected {}", name, *expected);
  }
  return std::nullopt;
}

template <class Block>
Problem set_option(const json_t* value, const Option<Block>& option,
                   Block& block) {
  const Field field = option.field(block);
  if (const auto* declared = std::get_if<DeclaredField>(&field)) {
    return set_declared(value, option.name, *declared);
  }
  if (!json_is_array(value)) return set_scalar(value, option, block);
  if (!std::holds_alternative<SelectorField>(option.field(block))) {
    return fmt::format("{}: expected one value", option.name);
  }
  for (std::size_t i = 0; i < json_array_size(value); ++i) {
    const json_t* element = json_array_get(value, i);
    if (auto problem = set_scalar(element, option, block)) return problem;
  }
  return std::nullopt;
}

template <class Block>
Problem read_block(json_t* object, Block& block) {
  if (!json_is_object(object)) return "expected an object";
  const char* key = nullptr;
  json_t* value = nullptr;
  json_object_foreach(object, key, value) {
    if (std::string_view(key) == "Name" && json_is_string(value)) {
      block.name = json_string_value(value);
    } else if (const auto* option = find_option<Block>(key)) {
      if (auto problem = set_option(value, *option, block)) return problem;
    } else {
      return fmt::format("{}: unknown key", key);
    }
  }
  return std::nullopt;
}

template <class Block>
Problem read_blocks(const json_t* array, std::string_view kind,
                    std::vector<Block>& blocks) {
  if (!json_is_array(array)) return fmt::format("{}: expected a list", kind);
  for (std::size_t i = 0; i < json_array_size(array); ++i) {
    auto problem = read_block(json_array_get(array, i), blocks.emplace_back());
    if (problem) return fmt::format("{} {}: {}", kind, i + 1, *problem);
  }
  return std::nullopt;
}

Problem read_config(json_t* object, Config& config) {
  if (!json_is_object(object)) return "expected an object";
  const char* key = nullptr;
  json_t* value = nullptr;
  json_object_foreach(object, key, value) {
    Problem problem;
    if (std::string_view(key) == "Service") {
      problem = read_blocks(value, "Service", config.services);
    } else if (std::string_view(key) == "Batch") {
      problem = read_blocks(value, "Batch", config.batch);
    } else if (const auto* option = find_option<Config>(key)) {
      problem = set_option(value, *option, config);
    } else {
      problem = fmt::format("{}: unknown key", key);
    }
    if (problem) return problem;
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> config_to_json(const Config& config) {
  const JsonMemory memory;
  const Json root(json_object());
  const bool done =
      add_options(root.get(), config) &&
      json_object_set_new(root.get(), "Service", array_of(config.services)) ==
          0 &&
      json_object_set_new(root.get(), "Batch", array_of(config.batch)) == 0;
  const std::unique_ptr<char, decltype(&::free)> text(
      json_dumps(root.get(), JSON_INDENT(2)), &::free);
  if (memory.ran_out()) return fail(ENOMEM, "write the configuration as JSON");
  if (!done) {
    return fail(EILSEQ, "write the configuration as JSON",
                "use UTF-8 in the configuration");
  }
  return std::string(text.get()) + "\n";
}

Result<Config> config_from_json(const std::string& text,
                                const std::string& source) {
  const JsonMemory memory;
  json_error_t error{};
  const Json root(
      json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (memory.ran_out()) return fail(ENOMEM, "read " + source);
  if (!root) {
    return fail(0, fmt::format("{}:{}: {}", source, error.line, error.text));
  }
  Config config;
  if (const auto problem = read_config(root.get(), config)) {
    return fail(0, fmt::format("{}: {}", source, *problem));
  }
  return config;
}

Result<> save_config(const std::string& path, const Config& config) {
  const auto text = config_to_json(config);
  return text ? write_atomically(path, *text) : Result<>(fail(text));
}

Result<Config> load_config(const std::string& path) {
  const auto text = read_file(path);
  return text ? config_from_json(*text, path) : Result<Config>(fail(text));
}

}  // namespace cpi
