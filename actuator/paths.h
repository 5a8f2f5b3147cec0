// Every path the helper may touch, and nothing else decides one: not the
// environment, not an argument, not the mount table. The shipped values are in
// paths.cc; the tests link the same objects with values of their own.
#ifndef CPI_ACTUATOR_PATHS_H_
#define CPI_ACTUATOR_PATHS_H_

#include <span>

namespace cpi::actuator {

// constinit says otherwise. NOLINTBEGIN(bugprone-dynamic-static-initializers)
extern constinit const char* const kConfigDirectory;  // "/etc/collectd-cpi"
extern constinit const char* const kConfigFile;  // "actuator.json", within it
extern constinit const char* const kKillSwitch;  // "disabled", within it
extern constinit const char* const kStateDirectory;  // "/run/collectd-cpi"

// A place where a hierarchy may be mounted.
struct Mount {
  const char* path;
  int version;      // of cgroups: 1 or 2
  long filesystem;  // f_type that statfs(2) must report
};

// Where the cpu controller may be; the first that is mounted counts.
extern constinit const std::span<const Mount> kCpuMounts;
// Where the v2 tree may be: that of cgroup.max.descendants.
extern constinit const std::span<const Mount> kUnifiedMounts;
// NOLINTEND(bugprone-dynamic-static-initializers)

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_PATHS_H_
