// Where the plugin's readings come from. Only kernel_source.cc knows the
// kernel's collector, so that everything else here is tested without one.
#ifndef CPI_COLLECTD_SOURCE_H_
#define CPI_COLLECTD_SOURCE_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "base/config.h"
#include "base/log.h"
#include "base/result.h"
#include "counters/collector.h"

namespace cpi {

// A collector with what the daemon needs besides readings. The functions may
// be called as long as the collector lives, not during a collection.
struct Source {
  std::unique_ptr<Collector> collector;
  // Stops the counters until the next collection. Does not throw.
  std::function<void()> pause;
  // File descriptors that the open counters hold.
  std::function<std::size_t()> file_descriptors;
};

// Fails where the configuration asks for what this host cannot even try.
using SourceFactory = std::function<Result<Source>(const Config&, LogSink)>;

// Reads this host's kernel.
Result<Source> kernel_source(const Config& config, LogSink log);

}  // namespace cpi

#endif  // CPI_COLLECTD_SOURCE_H_
