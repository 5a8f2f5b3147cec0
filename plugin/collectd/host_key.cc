#include "collectd/source.h"
#include "counters/host_identity.h"

namespace cpi {

ModelKey key_of_host() {
  const HostIdentity host = host_identity("/proc", "/sys");
  ModelKey key;
  key.cpu_model = host.cpu_model;
  key.smt = host.smt;
  return key;
}

}  // namespace cpi
