// Quantities as people write them in a configuration: "80GB", "5min", "70%".
//
// GB is 10^9 bytes and GiB is 2^30: a container that gets one and was promised
// the other is killed 7 % early. What could mean either ("80G", "5m") is
// refused. Any bytes are safe to pass.
#ifndef CPI_BASE_QUANTITY_H_
#define CPI_BASE_QUANTITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace cpi {

// What parse_…() takes, for messages.
inline constexpr std::string_view kBytesExpected =
    "an amount of memory such as \"80GB\" (10^9) or \"80GiB\" (2^30)";
inline constexpr std::string_view kDurationExpected =
    "a time such as \"30s\", \"5min\", \"2h\" or \"1d\"";
inline constexpr std::string_view kPercentExpected =
    "a percentage in quotes such as \"99.5%\"";

// A number, at most one blank, and a unit: B, kB, MB, GB, TB, PB, or KiB, MiB,
// GiB, TiB, PiB. Units are read in any case but for the i that tells them
// apart. Above zero, whole bytes, below 2^53 so that a double holds it exactly.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
// In the unit that needs the fewest digits; parse_bytes() reads it back.
std::string format_bytes(std::uint64_t bytes);
// To three digits, for messages: "79.6 GB".
std::string approximate_bytes(double bytes);

// Above zero, up to ten years; s, min, h or d.
std::optional<Duration> parse_duration(std::string_view text);
// In the largest unit that divides it; parse_duration() reads it back.
std::string format_duration(Duration duration);

// A share, 0…1, of "0%" to "100%".
std::optional<double> parse_percent(std::string_view text);
std::string format_percent(double share);

}  // namespace cpi

#endif  // CPI_BASE_QUANTITY_H_
