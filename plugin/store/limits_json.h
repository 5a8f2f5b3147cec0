// The limits' state as a file, so that a restart of the agent neither invents
// a restart of a service nor forgets an alarm.
#ifndef CPI_STORE_LIMITS_JSON_H_
#define CPI_STORE_LIMITS_JSON_H_

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/limits.h"

namespace cpi {

struct LimitsFile {
  // Times since boot and process numbers mean something within one boot only.
  std::string boot_id;
  std::map<std::string, LimitsState> services;
};

// One document, with a newline at its end.
std::string limits_to_json(const LimitsFile& file);

// The inverse. Safe on any text; what it does not know it leaves out.
Result<LimitsFile> limits_from_json(std::string_view text);

}  // namespace cpi

#endif  // CPI_STORE_LIMITS_JSON_H_
