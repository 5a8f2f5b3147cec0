// What kind of machine this is, as far as learned CPI depends on it.
#ifndef CPI_COUNTERS_HOST_IDENTITY_H_
#define CPI_COUNTERS_HOST_IDENTITY_H_

#include <string>

namespace cpi {

struct HostIdentity {
  // As /proc/cpuinfo names it: "model name", or where there is none (Arm)
  // implementer and part, "0x41 0xd0c". Empty where it cannot be read.
  std::string cpu_model;
  // "on" or "off"; empty where the kernel does not say.
  std::string smt;
};

// `proc` and `sys`: where procfs and sysfs are mounted.
HostIdentity host_identity(const std::string& proc, const std::string& sys);

}  // namespace cpi

#endif  // CPI_COUNTERS_HOST_IDENTITY_H_
