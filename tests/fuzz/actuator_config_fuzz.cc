// A configuration of any bytes: what is taken for one must be within its own
// limits.
#include <cstdint>
#include <cstdlib>

#include "actuator/config.h"
#include "actuator/request.h"

using namespace cpi::actuator;

static void require(bool holds) {
  if (!holds) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static Config config;
  if (parse_config({reinterpret_cast<const char*>(data), size}, &config) !=
      nullptr)
    return 0;
  for (uid_t caller : config.callers) require(caller != 0 && caller + 1 != 0);
  for (const Rule& rule : config.rules) {
    std::size_t depth = 0;
    require(parse_word(rule.alias.view(), kMaxAliasBytes));
    require(parse_components(rule.parent.view(), kMaxTargetBytes, &depth));
    require(rule.depth >= 0 && rule.depth <= 6 && rule.floor >= 1);
  }
  require(config.budget <= kMaxBudget && config.longest_lease >= 1);
  return 0;
}
