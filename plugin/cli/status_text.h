// What `cpictl status` says, from what was read. Pure.
#ifndef CPI_CLI_STATUS_TEXT_H_
#define CPI_CLI_STATUS_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "store/journal.h"
#include "store/reply_json.h"
#include "store/state_json.h"

namespace cpi {

// One service's model, as last saved.
struct ModelFacts {
  std::string service;
  double samples = 0;   // of the signal with the most
  Duration observed{};  // by it
  double saved_s = 0;   // wall clock, seconds since 1970; 0: never
};

struct StatusFacts {
  // The same instant on both clocks.
  Instant now{};
  double wall_s = 0;  // seconds since 1970
  std::string boot_id;
  // state.json, or why it cannot be read.
  Result<StateFile> state = StateFile{};
  // The latest incidents and recoveries, oldest first.
  std::vector<JournalEntry> incidents;
  std::vector<ModelFacts> models;
  // What the helper holds, where it may be asked, or why not.
  Result<HelperReply> helper = fail(0, "not asked");
};

// Lines for people; times are local.
std::string status_text(const StatusFacts& facts);

}  // namespace cpi

#endif  // CPI_CLI_STATUS_TEXT_H_
