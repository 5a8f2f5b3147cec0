// Where the plugin's readings come from. Only kernel_source.cc knows the
// kernel's collector, so that everything else here is tested without one.
#ifndef CPI_COLLECTD_SOURCE_H_
#define CPI_COLLECTD_SOURCE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/cgroup_id.h"
#include "base/config.h"
#include "base/log.h"
#include "base/result.h"
#include "counters/collector.h"
#include "counters/resource_reading.h"
#include "model/key.h"

namespace cpi {

// A collector with what the daemon publishes about it.
struct Source {
  std::unique_ptr<Collector> collector;
  // File descriptors that the counters hold. To be called as long as the
  // collector lives, not during a collection.
  std::function<std::size_t()> file_descriptors;
  // Which cgroup has this path now, for those who act; any thread, at any
  // time. Null where the source has no cgroups of this host.
  std::function<std::optional<CgroupId>(const std::string& path)> identify = {};
  // Memory and processes of services, for their declarations; may be null.
  std::function<const ResourceReadings*(const std::vector<WorkloadReading>&,
                                        Instant)>
      resources = {};
};

// Fails where the configuration asks for what this host cannot even try.
using SourceFactory = std::function<Result<Source>(const Config&, LogSink)>;

// Reads this host's kernel.
Result<Source> kernel_source(const Config& config, LogSink log);

// CPU model and SMT of this host; the rest of the key is left open.
ModelKey key_of_host();

}  // namespace cpi

#endif  // CPI_COLLECTD_SOURCE_H_
