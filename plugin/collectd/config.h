// collectd's parsed configuration → Config. Nothing here logs, fails or knows
// the options: those are rows in base/options.h.
//
// A bad <Service> or <Batch> block is skipped and the others stand, because
// conf.d has many owners; a bad global option changes what everybody gets, so
// the caller must idle the plugin.
#ifndef CPI_COLLECTD_CONFIG_H_
#define CPI_COLLECTD_CONFIG_H_

#include <string>
#include <vector>

#include "base/config.h"

extern "C" {
#include <liboconfig/oconfig.h>
}

namespace cpi {

struct ParsedConfig {
  // What was understood. REQUIRES for use: global_errors is empty.
  Config config;
  // One message per bad global option: option, value, what was expected.
  std::vector<std::string> global_errors;
  // One message per skipped block, with what is wrong with it.
  std::vector<std::string> skipped_blocks;
  // For the log only: further lines about these blocks, where all that is wrong
  // with one does not fit one line of it. Each begins with its block's title.
  std::vector<std::string> continuations;
};

// Adds what one <Plugin cpi> block says. collectd calls once per block, so
// earlier blocks stay: a later global option wins, a later block with the name
// of an earlier one is an error. Safe on any tree, however malformed.
void merge_config(const oconfig_item_t& plugin_block, ParsedConfig& parsed);

}  // namespace cpi

#endif  // CPI_COLLECTD_CONFIG_H_
