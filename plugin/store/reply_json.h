// What the setuid helper says, and what its configuration allows.
#ifndef CPI_STORE_REPLY_JSON_H_
#define CPI_STORE_REPLY_JSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actuate/actuator.h"
#include "base/result.h"
#include "base/units.h"
#include "policy/outcome.h"

namespace cpi {

// One throttle of `status`: as LiveThrottle, but by the helper's name for the
// cgroup.
struct HelperThrottle {
  std::string target;  // "" where the configuration has no name for it now
  LiveThrottle::State state = LiveThrottle::State::ours;
  Millicores quota = 0;
  Millicores original = 0;  // 0: unlimited
  Duration lease{};         // left
};

// The fields of actuator/protocol.h that matter here. What a verb does not say
// is absent.
struct HelperReply {
  std::optional<Millicores> quota;  // lower, raise: what is in force
  // status
  std::vector<HelperThrottle> throttles;
  Duration frozen{};     // left
  std::string enforced;  // what stops new work while frozen
  bool disabled = false;
  std::optional<std::int64_t> budget_left;
};

// One line of the helper's. Safe on any input.
Result<HelperReply> parse_reply(std::string_view line);

// "aliases" of actuator.json; everything else in it concerns the helper alone.
// Safe on any input.
Result<std::vector<Alias>> parse_allowlist(std::string_view json);

}  // namespace cpi

#endif  // CPI_STORE_REPLY_JSON_H_
