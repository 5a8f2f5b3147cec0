#include <algorithm>
#include <memory>
#include <utility>

#include "collectd/source.h"
#include "counters/cgroup_tree.h"
#include "counters/kernel_collector.h"
#include "counters/resources.h"
#include "service/declaration.h"

namespace cpi {

Result<Source> kernel_source(const Config& config, LogSink log) {
  Environment environment;
  const bool any =
      std::any_of(config.services.begin(), config.services.end(), is_declared);
  if (any) environment.fds_beside = Resources::kFiles;
  auto made = KernelCollector::create(config, log, std::move(environment));
  if (!made) return fail(made);
  auto found = Resources::create({}, std::move(log));
  if (!found) return fail(found);
  KernelCollector* collector = made->get();
  const auto resources = std::make_shared<Resources>(*std::move(found));
  const std::string root = collector->quota_root();
  return Source{
      .collector = *std::move(made),
      .file_descriptors =
          [collector, resources] {
            return collector->stats().fds_open + resources->files_open();
          },
      .identify = [root](const std::string& path) -> std::optional<CgroupId> {
        auto there = identify(root, path);
        return there ? std::optional(*std::move(there)) : std::nullopt;
      },
      .resources =
          [resources](const std::vector<WorkloadReading>& services,
                      Instant now) { return &resources->read(services, now); }};
}

}  // namespace cpi
