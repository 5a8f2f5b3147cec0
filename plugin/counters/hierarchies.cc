#include "counters/hierarchies.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "counters/files.h"

namespace cpi {
namespace {

constexpr Duration kNs{1};
constexpr Duration kUs = std::chrono::microseconds(1);

struct Version {
  FileLayout quota;
  FileLayout cpu_time;
  FileLayout pressure;
  Field throttled;
  std::string_view quota_file;
  std::string_view threads_file;
};

Version make_v1() {
  const Field throttled = {find_number, "throttled_time", kNs,
                           &Reading::throttled};
  return {{"cpu.stat", {throttled}},
          {"cpuacct.usage", {{find_number, "", kNs, &Reading::cpu_time}}},
          {},
          throttled,
          "cpu.cfs_quota_us",
          "tasks"};
}

Version make_v2() {
  const Field throttled = {find_number, "throttled_usec", kUs,
                           &Reading::throttled};
  // One file with two answers; asked twice, it is read once.
  const FileLayout stat = {
      "cpu.stat",
      {{find_number, "usage_usec", kUs, &Reading::cpu_time}, throttled}};
  return {stat,
          stat,
          {"cpu.pressure", {{find_pressure, "some", kUs, &Reading::waited}}},
          throttled,
          "cpu.max",
          "cgroup.threads"};
}

const Version& version(bool unified) {
  static const Version v1 = make_v1();
  static const Version v2 = make_v2();
  return unified ? v2 : v1;
}

std::optional<Hierarchy> with_controller(const std::vector<Mount>& mounts,
                                         const std::string& controller) {
  for (const Mount& mount : mounts) {
    const auto& all = mount.controllers;
    if (std::find(all.begin(), all.end(), controller) == all.end()) continue;
    return Hierarchy{mount.path, mount.unified,
                     mount.unified ? "" : controller};
  }
  return std::nullopt;
}

std::optional<Hierarchy> unified_of(const std::vector<Mount>& mounts) {
  for (const Mount& mount : mounts) {
    if (mount.unified) return Hierarchy{mount.path, true, ""};
  }
  return std::nullopt;
}

// Lines of /proc/cgroups: name, hierarchy, number of cgroups, enabled.
bool kernel_has_perf(std::string_view proc_cgroups) {
  bool has = false;
  for_each_line(proc_cgroups, [&](std::string_view line) {
    if (line.starts_with("perf_event\t")) has = line.ends_with("\t1");
  });
  return has;
}

std::optional<Hierarchy> choose_primary(const std::vector<Mount>& mounts) {
  for (const char* controller : {"cpu", "cpuacct"}) {
    if (auto found = with_controller(mounts, controller)) return found;
  }
  if (auto unified = unified_of(mounts)) return unified;
  return with_controller(mounts, "perf_event");
}

}  // namespace

Result<Hierarchies> choose_hierarchies(const std::vector<Mount>& mounts,
                                       std::string_view proc_cgroups) {
  const auto primary = choose_primary(mounts);
  if (!primary) {
    return fail(ENODEV, "find a cgroup hierarchy with the cpu controller",
                "mount cgroup2 on /sys/fs/cgroup, or the v1 cpu hierarchy");
  }
  Hierarchies chosen;
  chosen.primary = *primary;
  chosen.pressure = unified_of(mounts);
  chosen.cpu_time = with_controller(mounts, "cpuacct");
  // cpu.stat shows the usage on v2 even where the cpu controller is not there.
  if (!chosen.cpu_time) chosen.cpu_time = unified_of(mounts);
  chosen.perf = with_controller(mounts, "perf_event");
  if (!chosen.perf && kernel_has_perf(proc_cgroups)) {
    chosen.perf = unified_of(mounts);
  }
  return chosen;
}

const FileLayout& layout(Question question, bool unified) {
  const Version& files = version(unified);
  switch (question) {
    case Question::quota:
      return files.quota;
    case Question::cpu_time:
      return files.cpu_time;
    case Question::pressure:
      return files.pressure;
  }
  return files.quota;
}

const Field& throttled_field(bool unified) {
  return version(unified).throttled;
}

std::string_view quota_file(bool unified) {
  return version(unified).quota_file;
}

std::string_view threads_file(bool unified) {
  return version(unified).threads_file;
}

}  // namespace cpi
