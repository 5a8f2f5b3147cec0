#include "store/json_text.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <new>

#include "store/json.h"

namespace cpi {

std::string json_quote(std::string_view text) {
  Json string(json_stringn(text.data(), text.size()));
  if (!string) {
    std::string plain(text);
    for (char& letter : plain) {
      if (static_cast<unsigned char>(letter) >= 0x80) letter = '?';
    }
    string.reset(json_stringn(plain.data(), plain.size()));
  }
  const std::unique_ptr<char, decltype(&::free)> quoted(
      json_dumps(string.get(), JSON_ENCODE_ANY), &::free);
  if (!quoted) throw std::bad_alloc();
  return quoted.get();
}

std::string json_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

}  // namespace cpi
