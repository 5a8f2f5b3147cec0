#include "counters/event_group.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace cpi {
namespace {

// As the kernel writes it.
struct GroupRead {
  std::uint64_t nr;
  std::uint64_t enabled_ns;
  std::uint64_t running_ns;
  std::uint64_t cycles;
  std::uint64_t instructions;
};

Duration nanoseconds(std::uint64_t ns) {
  return Duration(static_cast<Duration::rep>(ns));
}

}  // namespace

Result<EventGroup> EventGroup::open(PerfApi& perf, const EventPair& events,
                                    int cgroup_fd, int cpu) {
  auto leader = perf.open(events.cycles, cgroup_fd, cpu, PerfApi::kNoLeader);
  if (!leader) return fail(leader);
  auto sibling = perf.open(events.instructions, cgroup_fd, cpu, leader->get());
  if (!sibling) return fail(sibling);
  return EventGroup(cpu, *std::move(leader), *std::move(sibling));
}

Result<GroupCount> EventGroup::read(PerfApi& perf) const {
  // One event more than expected, so that a longer answer is seen as such.
  std::array<std::byte, sizeof(GroupRead) + sizeof(std::uint64_t)> buffer;
  const auto size = perf.read(leader_.get(), buffer);
  if (!size) return fail(size);
  return parse_group(std::span(buffer).first(*size), cpu_);
}

Result<GroupCount> parse_group(std::span<const std::byte> bytes, int cpu) {
  GroupRead group;
  if (bytes.size() != sizeof group) {
    return fail(0, fmt::format("counters of CPU {}: {} bytes instead of {}",
                               cpu, bytes.size(), sizeof group));
  }
  std::memcpy(&group, bytes.data(), sizeof group);
  if (group.nr != EventGroup::kEvents) {
    return fail(0, fmt::format("counters of CPU {}: {} events instead of {}",
                               cpu, group.nr, EventGroup::kEvents));
  }
  return GroupCount{cpu, group.cycles, group.instructions,
                    nanoseconds(group.enabled_ns),
                    nanoseconds(group.running_ns)};
}

}  // namespace cpi
