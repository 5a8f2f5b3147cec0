// argv → request. Pure: looks at nothing but its arguments.
#ifndef CPI_ACTUATOR_REQUEST_H_
#define CPI_ACTUATOR_REQUEST_H_

#include <span>

#include "actuator/protocol.h"

namespace cpi::actuator {

// A name that has been checked against the rules in protocol.h, and so holds
// no character that could leave the parent or upset JSON or a terminal.
struct Target {
  std::string_view text;   // "batch/pod-1/c0"
  std::string_view alias;  // "batch"
  std::string_view child;  // "pod-1/c0"; empty: the parent itself
  std::size_t depth;       // components in child
};

struct Request {
  Verb verb;
  Target target;            // lower, raise, release without --all
  bool all;                 // release --all
  bool expired;             // restore --expired
  std::int64_t millicores;  // lower, raise
  std::int64_t seconds;     // --lease, freeze; 0: raise without --lease
  std::string_view reason;  // freeze
};

// False when `text` is not a TARGET.
[[nodiscard]] bool parse_target(std::string_view text, Target* target);

// False when `path` is not a '/'-separated list of 1…`most` components;
// `depth` receives their number.
[[nodiscard]] bool parse_components(std::string_view path, std::size_t most,
                                    std::size_t* depth);

// False when `text` is not [a-z0-9-]{1,most}.
[[nodiscard]] bool parse_word(std::string_view text, std::size_t most);

inline constexpr const char* kExpectedVerb =
    "expected lower, raise, release, freeze, thaw, restore, status or selftest";

// `arguments` without the program's name. The request refers to their bytes.
// Returns nullptr, or what is wrong: a constant text, never the input's own.
[[nodiscard]] const char* parse_request(
    std::span<const std::string_view> arguments, Request* request);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_REQUEST_H_
