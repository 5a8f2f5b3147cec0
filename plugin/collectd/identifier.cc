#include "collectd/identifier.h"

#include <fmt/format.h>

#include <cstdint>

#include "collectd/text.h"

namespace cpi {
namespace {

constexpr std::size_t kMaxBytes = 127;

// Fowler, Noll, Vo: not std::hash, whose values differ between libraries.
std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

std::string short_id(std::string_view text) {
  return fmt::format("{:012x}", fnv1a(text) >> 16);
}

std::string identifier(std::string_view text) {
  if (text.size() <= kMaxBytes) return std::string(text);
  const std::string tail = "-" + short_id(text);
  return std::string(cut(text, kMaxBytes - tail.size())) + tail;
}

}  // namespace cpi
