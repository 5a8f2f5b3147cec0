#include "collectd/text.h"

#include <fmt/format.h>

namespace cpi {

std::string printable(std::string_view text) {
  constexpr unsigned char kDelete = 0x7f;
  std::string result;
  result.reserve(text.size());
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < ' ' || byte == kDelete) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += letter;
    }
  }
  return result;
}

std::string_view cut(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  constexpr std::size_t kFollowing = 3;  // bytes after the first, at most
  for (std::size_t back = 0; back <= kFollowing && back <= max_bytes; ++back) {
    const auto next = static_cast<unsigned char>(text[max_bytes - back]);
    if ((next & 0xc0) != 0x80) return text.substr(0, max_bytes - back);
  }
  return text.substr(0, max_bytes);
}

}  // namespace cpi
