// What the policy knows, as a file: StateDir/state.json.
//
//   {"format": "collectd-cpi state", "version": 1, "boot_id": "…",
//    "act": true, "throttles": […], "records": […], …}
//
// Members are named as in policy/state.h; instants and durations are integral
// nanoseconds, instants on CLOCK_MONOTONIC of the boot that is named: a state
// of another boot means nothing.
#ifndef CPI_STORE_STATE_JSON_H_
#define CPI_STORE_STATE_JSON_H_

#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/state.h"

namespace cpi {

struct StateFile {
  std::string boot_id;
  // Whether throttles are real, or those of a dry run.
  bool act = false;
  PolicyState state;
};

// One line. Names of cgroups that are not UTF-8, which JSON cannot hold, make
// the containers they belong to be forgotten when it is read.
std::string to_text(const StateFile& file);

// Accepts what to_text makes. A missing member keeps its default; one of
// another type, or a number that no policy could hold, is an error. Safe on
// any input.
Result<StateFile> parse_state(std::string_view text);

// The file in a StateDir.
std::string state_path(const std::string& state_dir);

// This boot's, "" where it cannot be read.
std::string read_boot_id();

}  // namespace cpi

#endif  // CPI_STORE_STATE_JSON_H_
