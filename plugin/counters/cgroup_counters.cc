#include "counters/cgroup_counters.h"

namespace cpi {

Result<CgroupCounters> CgroupCounters::open(PerfApi& perf,
                                            const EventPair& events,
                                            int cgroup_fd,
                                            const std::vector<int>& cpus) {
  std::vector<EventGroup> groups;
  groups.reserve(cpus.size());
  for (const int cpu : cpus) {
    auto group = EventGroup::open(perf, events, cgroup_fd, cpu);
    if (!group) return fail(group);
    groups.push_back(*std::move(group));
  }
  CgroupCounters counters(perf, std::move(groups));
  const auto started = counters.control(PerfApi::Command::enable);
  if (!started) return fail(started);
  return counters;
}

Result<> CgroupCounters::read(std::vector<GroupCount>& counts) {
  counts.clear();
  for (const EventGroup& group : groups_) {
    const auto count = group.read(*perf_);
    if (!count) {
      counts.clear();
      return fail(count);
    }
    counts.push_back(*count);
  }
  if (!paused_) return {};
  paused_ = false;
  return control(PerfApi::Command::enable);
}

Result<> CgroupCounters::pause() {
  paused_ = true;
  return control(PerfApi::Command::disable);
}

Result<> CgroupCounters::control(PerfApi::Command command) {
  for (const EventGroup& group : groups_) {
    const auto done = perf_->control(group.leader(), command);
    if (!done) return done;
  }
  return {};
}

}  // namespace cpi
