#include <utility>

#include "collectd/source.h"
#include "counters/cgroup_tree.h"
#include "counters/kernel_collector.h"

namespace cpi {

Result<Source> kernel_source(const Config& config, LogSink log) {
  auto made = KernelCollector::create(config, std::move(log));
  if (!made) return fail(made);
  KernelCollector* collector = made->get();
  const std::string root = collector->quota_root();
  return Source{
      *std::move(made), [collector] { return collector->stats().fds_open; },
      [root](const std::string& path) -> std::optional<CgroupId> {
        auto found = identify(root, path);
        return found ? std::optional(*std::move(found)) : std::nullopt;
      }};
}

}  // namespace cpi
