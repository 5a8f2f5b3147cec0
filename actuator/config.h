// What root allows: /etc/collectd-cpi/actuator.json. Every limit is enforced
// here in the helper, because its caller is the attacker.
#ifndef CPI_ACTUATOR_CONFIG_H_
#define CPI_ACTUATOR_CONFIG_H_

#include <sys/types.h>

#include "actuator/fixed.h"
#include "actuator/protocol.h"

namespace cpi::actuator {

// One alias: a parent cgroup below which batch work lives.
struct Rule {
  Text<kMaxAliasBytes> alias;
  // "cgroup": from the root of the hierarchy, without the leading slash.
  Text<kMaxTargetBytes> parent;
  // "depth" (1): how many components a target may have below the parent. With
  // 0 the parent is itself the only target; otherwise it never is one.
  std::int64_t depth;
  // "floor_millicores" (50): no quota below.
  std::int64_t floor;
  // "recursive" (false): lower descendants as well, where their larger quota
  // would make the kernel refuse (cgroup v1 only).
  bool recursive;
  // "exclusive" (false): nothing but batch work is ever created below, so a
  // freeze may stop the kernel from making cgroups there.
  bool exclusive;
};

struct Config {
  List<uid_t, 8> callers;      // "callers": numeric user ids; root always may
  List<Rule, 16> rules;        // "aliases"
  std::int64_t longest_lease;  // seconds (600)
  std::int64_t longest_throttle;  // seconds, renewals included (7200)
  std::int64_t longest_freeze;    // seconds (3600)
  std::int64_t freeze_gap;        // seconds between two freezes (600)
  std::int64_t budget;            // "budget_per_hour": lowers and freezes (120)
  // "hook": of cpi-oci-hook. Containers with this annotation set to "true" are
  // never refused; fail_closed (false) refuses when the hook cannot tell.
  Text<128> exempt_annotation;
  bool fail_closed;
};

inline constexpr std::int64_t kMaxBudget = 256;  // per hour

// Returns nullptr, or where it is wrong and how: a text that lasts until the
// next call, with nothing of the file's own but the name of an alias. Unknown
// keys are wrong: a limit that is misspelt must not be a default.
[[nodiscard]] const char* parse_config(std::string_view json, Config* config);

// Reads the file. Returns nullptr or what is wrong, as parse_config.
[[nodiscard]] const char* load_config(Config* config);

// The kill switch; true as well when it cannot be told.
[[nodiscard]] bool is_disabled();

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_CONFIG_H_
