#include "counters/host_identity.h"

#include <fstream>
#include <string_view>

namespace cpi {
namespace {

// The value of "NAME<blanks>: VALUE", first occurrence.
std::string field(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos || line.rfind(name, 0) != 0) continue;
    const auto rest = line.substr(name.size(), colon - name.size());
    if (rest.find_first_not_of(" \t") == std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return {};
}

}  // namespace

HostIdentity host_identity(const std::string& proc, const std::string& sys) {
  HostIdentity identity;
  const std::string cpuinfo = proc + "/cpuinfo";
  identity.cpu_model = field(cpuinfo, "model name");
  if (identity.cpu_model.empty()) {
    const std::string implementer = field(cpuinfo, "CPU implementer");
    const std::string part = field(cpuinfo, "CPU part");
    if (!part.empty()) identity.cpu_model = implementer + " " + part;
  }
  std::string active;
  std::ifstream(sys + "/devices/system/cpu/smt/active") >> active;
  if (active == "1") identity.smt = "on";
  if (active == "0") identity.smt = "off";
  return identity;
}

}  // namespace cpi
