#include "base/quantity.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "base/options.h"

namespace cpi {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 11> kByteUnits = {{{"B", 1},
                                              {"kB", 1e3},
                                              {"MB", 1e6},
                                              {"GB", 1e9},
                                              {"TB", 1e12},
                                              {"PB", 1e15},
                                              {"KiB", 0x1p10},
                                              {"MiB", 0x1p20},
                                              {"GiB", 0x1p30},
                                              {"TiB", 0x1p40},
                                              {"PiB", 0x1p50}}};
constexpr std::array<Unit, 4> kTimeUnits = {
    {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}};
constexpr std::array<Unit, 1> kPercentUnits = {{{"%", 0.01}}};

// Largest whole number below which a double holds every one.
constexpr double kMaxExact = 0x1p53;
constexpr double kTenYears = 10 * 365.25 * 86400;

// "NUMBER UNIT" as a number of the base unit. Digits and one point only: no
// sign, no exponent, no hexadecimal.
std::optional<double> parse(std::string_view text,
                            std::span<const Unit> units) {
  const auto end = text.find_first_not_of("0123456789.");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  double number = 0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + end,
                                             number, std::chars_format::fixed);
  if (error != std::errc{} || last != text.data() + end) return std::nullopt;
  text.remove_prefix(end);
  if (text.starts_with(' ')) text.remove_prefix(1);
  for (const auto& [name, factor] : units) {
    if (!same_name(text, name)) continue;
    // Dividing by 100 rounds once where multiplying by 0.01 would twice.
    return factor < 1 ? number / std::round(1 / factor) : number * factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto bytes = parse(text, kByteUnits);
  if (!bytes || *bytes < 1 || *bytes >= kMaxExact) return std::nullopt;
  return static_cast<std::uint64_t>(std::round(*bytes));
}

std::string format_bytes(std::uint64_t bytes) {
  std::string shortest;
  for (const auto& [name, factor] : kByteUnits) {
    const auto unit = static_cast<std::uint64_t>(factor);
    if (bytes % unit != 0) continue;
    std::string text = fmt::format("{}{}", bytes / unit, name);
    const auto digits = [](const std::string& t) {
      return t.find_first_not_of("0123456789");
    };
    if (shortest.empty() || digits(text) < digits(shortest)) {
      shortest = std::move(text);
    }
  }
  return shortest;
}

std::string approximate_bytes(double bytes) {
  constexpr std::size_t kDecimalUnits = 6;
  const Unit* unit = kByteUnits.data();
  for (std::size_t i = 1; i < kDecimalUnits; ++i) {
    if (bytes >= kByteUnits[i].factor) unit = &kByteUnits[i];
  }
  return fmt::format("{:.3g} {}", bytes / unit->factor, unit->name);
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto seconds = parse(text, kTimeUnits);
  if (!seconds || *seconds > kTenYears) return std::nullopt;
  const Duration duration = from_seconds(*seconds);
  return duration > Duration::zero() ? std::optional(duration) : std::nullopt;
}

std::string format_duration(Duration duration) {
  const double seconds = to_seconds(duration);
  for (auto unit = kTimeUnits.rbegin(); unit != kTimeUnits.rend(); ++unit) {
    const double count = seconds / unit->factor;
    if (count >= 1 && count == std::trunc(count)) {
      return fmt::format("{:.0f}{}", count, unit->name);
    }
  }
  return fmt::format("{:.9f}s", seconds);
}

std::optional<double> parse_percent(std::string_view text) {
  const auto share = parse(text, kPercentUnits);
  return share && *share <= 1 ? share : std::nullopt;
}

std::string format_percent(double share) {
  return fmt::format("{:.10g}%", share * 100);
}

}  // namespace cpi
