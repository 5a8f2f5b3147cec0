#include <memory>
#include <utility>

#include "collectd/source.h"
#include "counters/kernel_collector.h"
#include "counters/resources.h"

namespace cpi {

Result<Source> kernel_source(const Config& config, LogSink log) {
  auto made = KernelCollector::create(config, log);
  if (!made) return fail(made);
  auto found = Resources::create({}, std::move(log));
  if (!found) return fail(found);
  KernelCollector* collector = made->get();
  const auto resources = std::make_shared<Resources>(*std::move(found));
  return Source{
      *std::move(made),
      [collector, resources] {
        return collector->stats().fds_open + resources->files_open();
      },
      [resources](const std::vector<WorkloadReading>& services, Instant now) {
        return &resources->read(services, now);
      }};
}

}  // namespace cpi
