#include "counters/cgroup_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace cpi {
namespace {

bool is_gone(const Error& error) {
  return error.code == ENOENT || error.code == ENODEV;
}

// Will be well again, and then the same directory can be read.
bool is_passing(const Error& error) {
  return error.code == EMFILE || error.code == ENFILE || error.code == ENOMEM ||
         error.code == EIO;
}

class Walk {
 public:
  Walk(const std::string& root, DirectoryWatch& watch, ScanLimits limits,
       const Lister& list)
      : root_(root), watch_(watch), limits_(limits), list_(list) {}

  Result<> children_of(const std::string& path, int depth) {
    watch_.add(root_ + path);
    const auto names = list_(root_ + path);
    if (!names) {
      if (depth == 0 || is_passing(names.error())) return fail(names);
      if (!is_gone(names.error())) tree_.unreadable.push_back(names.error());
      return {};
    }
    for (const std::string& name : *names) {
      if (depth == limits_.depth) tree_.too_deep = true;
      if (tree_.cgroups.size() == limits_.cgroups) tree_.too_many = true;
      if (depth == limits_.depth || tree_.too_many) return {};
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
  const Lister& list_;
  CgroupTree tree_;
};

}  // namespace

Result<CgroupTree> scan_cgroups(const std::string& root, DirectoryWatch& watch,
                                ScanLimits limits, const Lister& list) {
  Walk walk(root, watch, limits, list);
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
