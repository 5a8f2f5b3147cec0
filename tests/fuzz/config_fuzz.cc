// Any bytes, as a tree of configuration, must leave the daemon alive.
//   build/fuzz/tests/config_fuzz -max_total_time=60
#include <cstddef>
#include <cstdint>

#include "collectd/config.h"
#include "store/config_json.h"
#include "support/config_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const cpi::ConfigTree tree = cpi::ConfigTree::from_bytes({data, size});
  cpi::ParsedConfig parsed;
  cpi::merge_config(tree.root(), parsed);
  cpi::merge_config(tree.root(), parsed);
  // What was accepted can be written down and read again.
  if (const auto json = cpi::config_to_json(parsed.config)) {
    if (!cpi::config_from_json(*json, "config.json")) __builtin_trap();
  }
  return 0;
}
