// The handler's configuration: a file of its own, because it holds the
// webhook's key, which lets anybody who has it write to the group.
#ifndef CPI_WECOM_SETTINGS_H_
#define CPI_WECOM_SETTINGS_H_

#include <string>
#include <vector>

#include "actuator/handlers/wecom/notification.h"
#include "base/result.h"

namespace cpi::wecom {

// One "NAME VALUE" a line; '#' begins a comment line.
struct Settings {
  // url URL: of the group robot, key included.
  std::string url;
  // spool DIRECTORY: where notifications wait; made with mode 0700.
  std::string spool = "/var/lib/collectd-cpi-wecom";
  // mention OWNER USER; OWNER "*" stands for every notification.
  std::vector<Mention> mentions;
  // rate COUNT: messages a minute. WeCom takes 20 of a robot.
  int rate = 20;
  // patience SECONDS: how long one call goes on trying.
  double patience = 3600;
};

// Fails where others may read the file, and where a line is not understood;
// says which line, never what it holds.
Result<Settings> read_settings(const std::string& path);

}  // namespace cpi::wecom

#endif  // CPI_WECOM_SETTINGS_H_
