#include <utility>

#include "collectd/source.h"
#include "counters/kernel_collector.h"

namespace cpi {

Result<Source> kernel_source(const Config& config, LogSink log) {
  auto made = KernelCollector::create(config, std::move(log));
  if (!made) return fail(made);
  KernelCollector* collector = made->get();
  return Source{*std::move(made),
                [collector] { return collector->stats().fds_open; }};
}

}  // namespace cpi
