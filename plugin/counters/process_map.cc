#include "counters/process_map.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "counters/files.h"

namespace cpi {
namespace {

constexpr int kMaxDepth = 32;

bool is_directory(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool lists_controller(std::string_view controllers, std::string_view name) {
  while (true) {
    const std::size_t comma =
        std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == name) return true;
    if (comma == controllers.size()) return false;
    controllers.remove_prefix(comma + 1);
  }
}

void collect(const std::string& directory, int depth, std::set<int>& pids) {
  if (depth > kMaxDepth) return;
  // Threaded v2 cgroups refuse this (EOPNOTSUPP); their processes are listed
  // above them.
  if (const auto text = read_file(directory + "/cgroup.procs")) {
    for_each_line(*text, [&](std::string_view line) {
      const auto pid = parse_number(line);
      // 0: a process outside of our PID namespace.
      if (pid && *pid != 0) pids.insert(static_cast<int>(*pid));
    });
  }
  const auto children = list_directories(directory);
  if (!children) return;
  for (const std::string& child : *children) {
    collect(directory + "/" + child, depth + 1, pids);
  }
}

}  // namespace

std::set<int> processes_below(const std::string& directory) {
  std::set<int> pids;
  collect(directory, 0, pids);
  return pids;
}

bool is_within(std::string_view inner, std::string_view outer) {
  if (outer == "/") return true;
  return inner.starts_with(outer) &&
         (inner.size() == outer.size() || inner[outer.size()] == '/');
}

std::string common_ancestor(std::string_view a, std::string_view b) {
  while (!a.empty() && !is_within(b, a)) {
    a = a.substr(0, std::min(a.rfind('/'), a.size() - 1));
  }
  return std::string(a.empty() ? "/" : a);
}

std::string find_cgroup(std::string_view text, const Hierarchy& hierarchy) {
  std::string path;
  // hierarchy-ID:controller-list:path (cgroups(7))
  for_each_line(text, [&](std::string_view line) {
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) return;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) return;
    const auto list = line.substr(first + 1, second - first - 1);
    const bool found = hierarchy.controller.empty()
                           ? line.starts_with("0::")
                           : lists_controller(list, hierarchy.controller);
    if (found) path = line.substr(second + 1);
  });
  return path;
}

Result<Mapped> ProcessMap::map(const std::string& path,
                               const Hierarchy& target) const {
  if (target == primary_) return Mapped{path, true};
  const Pids pids = processes_below(primary_.root + path);
  std::string found;
  for (const int pid : pids) {
    const std::string place = this->place(pid, target);
    if (place.empty()) continue;
    found = found.empty() ? place : common_ancestor(found, place);
    if (found == "/") break;
  }
  if (found.empty()) {
    if (is_directory(target.root + path)) return Mapped{path, false};
    return fail(ESRCH, fmt::format("find {} in {}", path, target.root));
  }
  if (found == "/" || found.starts_with("/..")) {
    return fail(0,
                fmt::format("its processes are in the root of {}", target.root),
                "put them in a cgroup of their own there too");
  }
  if (!only_holds(target.root + found, pids, path)) {
    return fail(
        0,
        fmt::format("{} in {} holds others' processes too", found, target.root),
        "put its processes in a cgroup of their own there too");
  }
  return Mapped{found, true};
}

std::string ProcessMap::place(int pid, const Hierarchy& hierarchy) const {
  const auto text = read_file(fmt::format("{}/{}/cgroup", proc_, pid));
  return text ? find_cgroup(*text, hierarchy) : std::string();
}

bool ProcessMap::only_holds(const std::string& directory, const Pids& pids,
                            const std::string& path) const {
  const Pids all = processes_below(directory);
  return std::all_of(all.begin(), all.end(), [&](int pid) {
    if (pids.count(pid) > 0) return true;
    // It may have been forked in between, or have ended.
    const std::string place = this->place(pid, primary_);
    return place.empty() || is_within(place, path);
  });
}

}  // namespace cpi
