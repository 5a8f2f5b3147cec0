#include "counters/resources.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "counters/mounts.h"

namespace cpi {
namespace {

// Names that differ between the versions.
struct Names {
  const char* usage;
  const char* limit;
  const char* stat_inactive;
  const char* events;
  bool events_of_descendants;  // counted in the ancestor's file as well
};

constexpr Names kV1 = {"memory.usage_in_bytes", "memory.limit_in_bytes",
                       "total_inactive_file", "memory.oom_control", false};
constexpr Names kV2 = {"memory.current", "memory.max", "inactive_file",
                       "memory.events", true};

// v1 writes "no limit" as the greatest multiple of a page.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;
constexpr int kMaxDepth = 4;

std::optional<Hierarchy> memory_hierarchy(const std::vector<Mount>& mounts) {
  for (const Mount& mount : mounts) {
    const auto& all = mount.controllers;
    if (std::find(all.begin(), all.end(), "memory") != all.end()) {
      return Hierarchy{mount.path, mount.unified,
                       mount.unified ? "" : "memory"};
    }
  }
  return std::nullopt;
}

Duration time_since_boot() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec) +
         std::chrono::nanoseconds(time.tv_nsec);
}

std::optional<std::uint64_t> number_in(const std::string& path,
                                       std::string_view key) {
  const auto text = read_file(path);
  return text ? find_number(*text, key) : std::nullopt;
}

std::uint64_t inode_of(const std::string& directory) {
  struct stat status = {};
  return ::stat(directory.c_str(), &status) == 0 ? status.st_ino : 0;
}

// v1 counts in the killed process's own cgroup only.
std::optional<std::uint64_t> kills_below(const std::string& directory,
                                         const Names& names, int depth) {
  auto kills = number_in(directory + "/" + names.events, "oom_kill");
  if (names.events_of_descendants || depth == 0 || !kills) return kills;
  const auto children = list_directories(directory);
  if (!children) return kills;
  for (const std::string& child : *children) {
    *kills +=
        kills_below(directory + "/" + child, names, depth - 1).value_or(0);
  }
  return kills;
}

// The lowest limit of the cgroup and its ancestors, up to `root`.
std::optional<std::uint64_t> limit_of(std::string directory,
                                      const std::string& root,
                                      const Names& names) {
  std::uint64_t lowest = kNoLimit;
  while (directory.size() > root.size()) {
    const auto limit = number_in(directory + "/" + names.limit, "");
    lowest = std::min(lowest, limit.value_or(kNoLimit));
    directory.resize(directory.rfind('/'));
  }
  return lowest < kNoLimit ? std::optional(lowest) : std::nullopt;
}

}  // namespace

Result<Resources> Resources::create(ResourceSources sources, LogSink log) {
  const auto mounts =
      sources.mounts ? *sources.mounts : find_mounts(sources.proc);
  if (!mounts) return fail(mounts);
  auto hierarchies = choose_hierarchies(*mounts, "");
  if (!hierarchies) return fail(hierarchies);
  return Resources(std::move(sources), std::move(log), *std::move(hierarchies),
                   memory_hierarchy(*mounts));
}

Resources::Resources(ResourceSources sources, LogSink log,
                     Hierarchies hierarchies, std::optional<Hierarchy> memory)
    : sources_(std::move(sources)),
      complaints_(std::move(log)),
      hierarchies_(std::move(hierarchies)),
      memory_(std::move(memory)),
      processes_(sources_.proc, hierarchies_.primary) {
  constexpr std::uint64_t kKiB = 1024;
  const auto text = read_file(sources_.proc + "/meminfo");
  if (!text) return;
  for_each_line(*text, [this](std::string_view line) {
    constexpr std::string_view kTotal = "MemTotal:";
    if (!line.starts_with(kTotal) || !line.ends_with(" kB")) return;
    line.remove_prefix(kTotal.size());
    line.remove_suffix(3);
    readings_.host_memory = parse_number(line).value_or(0) * kKiB;
  });
}

const ResourceReadings& Resources::read(
    const std::vector<WorkloadReading>& services, Instant now) {
  ++round_;
  readings_.since_boot = time_since_boot();
  const bool killed = killed_anything();
  const std::size_t count = services.size();
  readings_.replicas.resize(count);
  if (next_memory_ >= count) next_memory_ = 0;
  const std::size_t turns = std::min(count, kMemoryReads);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [service, reading] = services[i];
    Replica& replica = replica_of(reading.cgroup);
    const bool stale = !replica.looked || now - *replica.looked >= kLookAgain;
    if (stale) look(replica, now);
    if (killed || stale) count_kills(replica);
    if (!stale && replica.watch.ended()) find_processes(replica);
    ResourceReading& result = readings_.replicas[i];
    result.service = service;
    result.cgroup = replica.cgroup;
    result.unit = replica.unit;
    const bool turn = (i + count - next_memory_) % count < turns;
    if (turn || stale) replica.memory = working_set(replica);
    result.memory = replica.memory;
    result.memory_limit = replica.limit;
    result.oom_kills = replica.oom_kills;
    result.oom_cgroup = replica.oom_cgroup;
    result.mains = replica.mains;
  }
  if (count > 0) next_memory_ = (next_memory_ + turns) % count;
  std::erase_if(replicas_, [this](const auto& entry) {
    return entry.second.round != round_;
  });
  return readings_;
}

Resources::Replica& Resources::replica_of(const CgroupId& cgroup) {
  Replica& replica = replicas_[cgroup.path];
  replica.round = round_;
  if (replica.looked && replica.cgroup == cgroup) return replica;
  replica = Replica();
  replica.round = round_;
  replica.cgroup = cgroup;
  const std::string pod = pod_of(cgroup.path);
  replica.pod = !pod.empty();
  replica.unit = replica.pod ? pod : cgroup.path;
  return replica;
}

void Resources::look(Replica& replica, Instant now) {
  replica.looked = now;
  find_memory(replica);
  find_processes(replica);
}

void Resources::find_memory(Replica& replica) {
  if (!memory_) return;
  const auto place = [this](const std::string& path) {
    const auto mapped = processes_.map(path, *memory_);
    return mapped ? memory_->root + mapped->path : std::string();
  };
  const std::string directory = place(replica.cgroup.path);
  const Names& names = memory_->unified ? kV2 : kV1;
  if (directory != replica.memory_directory || !replica.usage) {
    replica.memory_directory = directory;
    replica.usage.reset();
    auto opened = KeptFile::open(directory + "/" + names.usage);
    if (opened) replica.usage = *std::move(opened);
    if (!opened && opened.error().code != ENOENT) {
      complaints_.raise("memory", Severity::warning,
                        "memory is not watched: " + opened.error().message());
    }
  }
  if (directory.empty()) return;
  replica.limit = limit_of(directory, memory_->root, names);
  replica.oom_directory = replica.pod && replica.unit != replica.cgroup.path
                              ? place(replica.unit)
                              : directory;
}

void Resources::find_processes(Replica& replica) {
  replica.mains = find_mains(
      sources_.proc, hierarchies_.primary.root + replica.unit, replica.pod);
  replica.watch.watch(replica.mains);
}

void Resources::count_kills(Replica& replica) {
  if (replica.oom_directory.empty()) return;
  replica.oom_cgroup = inode_of(replica.oom_directory);
  replica.oom_kills = kills_below(replica.oom_directory,
                                  memory_->unified ? kV2 : kV1, kMaxDepth);
}

std::optional<std::uint64_t> Resources::working_set(Replica& replica) {
  if (!replica.usage) return std::nullopt;
  const auto text = replica.usage->read(buffer_);
  const auto usage = text ? parse_number(*text) : std::nullopt;
  if (!usage) return std::nullopt;
  // memory.stat costs ten times as much.
  const Names& names = memory_->unified ? kV2 : kV1;
  const auto inactive =
      number_in(replica.memory_directory + "/memory.stat", names.stat_inactive);
  return *usage - std::min(*usage, inactive.value_or(0));
}

bool Resources::killed_anything() {
  const auto kills = number_in(sources_.proc + "/vmstat", "oom_kill");
  const bool changed = !kills || kills != host_kills_;
  host_kills_ = kills;
  // The kernel counts for the host first.
  const bool look = changed || settling_;
  settling_ = changed;
  return look;
}

std::size_t Resources::files_open() const {
  std::size_t open = 0;
  for (const auto& [path, replica] : replicas_) {
    open += replica.watch.files_open() + (replica.usage ? 1 : 0);
  }
  return open;
}

}  // namespace cpi
