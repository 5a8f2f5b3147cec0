#include "actuator/paths.h"

#include <linux/magic.h>

namespace cpi::actuator {

constinit const char* const kConfigDirectory = "/etc/collectd-cpi";
constinit const char* const kConfigFile = "actuator.json";
constinit const char* const kKillSwitch = "disabled";
constinit const char* const kStateDirectory = "/run/collectd-cpi";

namespace {
// systemd joins controllers and leaves a symbolic link "cpu", which is refused.
constexpr Mount kCpu[] = {
    {"/sys/fs/cgroup/cpu,cpuacct", 1, CGROUP_SUPER_MAGIC},
    {"/sys/fs/cgroup/cpuacct,cpu", 1, CGROUP_SUPER_MAGIC},
    {"/sys/fs/cgroup/cpu", 1, CGROUP_SUPER_MAGIC},
    {"/sys/fs/cgroup", 2, CGROUP2_SUPER_MAGIC},
};
constexpr Mount kUnified[] = {
    {"/sys/fs/cgroup", 2, CGROUP2_SUPER_MAGIC},
    {"/sys/fs/cgroup/unified", 2, CGROUP2_SUPER_MAGIC},
};
}  // namespace

constinit const std::span<const Mount> kCpuMounts = kCpu;
constinit const std::span<const Mount> kUnifiedMounts = kUnified;

}  // namespace cpi::actuator
