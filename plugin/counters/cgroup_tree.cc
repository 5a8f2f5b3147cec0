#include "counters/cgroup_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "counters/files.h"

namespace cpi {
namespace {

bool is_gone(const Error& error) {
  return error.code == ENOENT || error.code == ENODEV;
}

class Walk {
 public:
  Walk(const std::string& root, DirectoryWatch& watch, ScanLimits limits)
      : root_(root), watch_(watch), limits_(limits) {}

  Result<> children_of(const std::string& path, int depth) {
    watch_.add(root_ + path);
    const auto names = list_directories(root_ + path);
    if (!names && depth > 0 && is_gone(names.error())) return {};
    if (!names) return fail(names);
    for (const std::string& name : *names) {
      if (depth == limits_.depth || tree_.cgroups.size() == limits_.cgroups) {
        tree_.truncated = true;
        return {};
      }
      auto id = identify(root_, path + "/" + name);
      if (!id) continue;
      tree_.cgroups.push_back(*std::move(id));
      auto below = children_of(path + "/" + name, depth + 1);
      if (!below) return below;
    }
    return {};
  }

  CgroupTree take() {
    std::sort(tree_.cgroups.begin(), tree_.cgroups.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(tree_);
  }

 private:
  const std::string& root_;
  DirectoryWatch& watch_;
  ScanLimits limits_;
  CgroupTree tree_;
};

}  // namespace

Result<CgroupTree> scan_cgroups(const std::string& root, DirectoryWatch& watch,
                                ScanLimits limits) {
  Walk walk(root, watch, limits);
  const auto walked = walk.children_of("", 0);
  if (!walked) return fail(walked);
  return walk.take();
}

Result<CgroupId> identify(const std::string& root, const std::string& path) {
  struct stat status = {};
  if (::stat((root + path).c_str(), &status) < 0) {
    return fail(errno, "look at " + root + path);
  }
  return CgroupId{status.st_dev, status.st_ino, path};
}

}  // namespace cpi
