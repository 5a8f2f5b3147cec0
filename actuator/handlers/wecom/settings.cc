#include "actuator/handlers/wecom/settings.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace cpi::wecom {
namespace {

bool take(const std::string& line, Settings& settings) {
  std::istringstream words(line);
  std::string name;
  std::string value;
  std::string second;
  std::string rest;
  words >> name >> value >> second >> rest;
  if (value.empty() || !rest.empty()) return false;
  if (name == "mention") {
    settings.mentions.push_back({value, second});
    return !second.empty();
  }
  if (!second.empty()) return false;
  if (name == "url") {
    settings.url = value;
    return value.starts_with("https://") || value.starts_with("http://127.");
  }
  if (name == "spool") {
    settings.spool = value;
    return value.starts_with('/');
  }
  if (name == "rate") {
    settings.rate = std::atoi(value.c_str());
    return settings.rate >= 1 && settings.rate <= 1000;
  }
  if (name == "patience") {
    settings.patience = std::atof(value.c_str());
    return settings.patience >= 0;
  }
  return false;
}

}  // namespace

Result<Settings> read_settings(const std::string& path) {
  std::ifstream file(path);
  struct stat status = {};
  if (!file || ::stat(path.c_str(), &status) != 0) {
    return fail(errno, "read " + path,
                "write it: url https://qyapi.weixin.qq.com/…; owner root, "
                "group the one that NotificationExec runs as, mode 0640");
  }
  if ((status.st_mode & S_IRWXO) != 0) {
    return fail(0, path + " holds a key and others may read it",
                "chmod 0640 " + path);
  }
  Settings settings;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    if (!take(line, settings)) {
      return fail(0, fmt::format("{}:{}: not understood", path, number),
                  "expected url https://…, spool /…, rate 1…1000, patience "
                  "SECONDS or mention OWNER USER");
    }
  }
  if (settings.url.empty()) return fail(0, path + " has no url");
  return settings;
}

}  // namespace cpi::wecom
