#include "counters/mounts.h"

#include <libcgroup.h>
#include <linux/magic.h>
#include <mntent.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>

namespace cpi {
namespace {

bool is_unified(const std::string& path) {
  struct statfs status = {};
  return ::statfs(path.c_str(), &status) == 0 &&
         status.f_type == CGROUP2_SUPER_MAGIC;
}

Mount& mount_at(std::vector<Mount>& mounts, const std::string& path) {
  const auto known =
      std::find_if(mounts.begin(), mounts.end(),
                   [&](const Mount& mount) { return mount.path == path; });
  if (known != mounts.end()) return *known;
  mounts.push_back({path, is_unified(path), {}});
  return mounts.back();
}

void add_by_libcgroup(std::vector<Mount>& mounts) {
  if (cgroup_init() != 0) return;
  void* handle = nullptr;
  cgroup_mount_point point = {};
  int status = cgroup_get_controller_begin(&handle, &point);
  while (status == 0) {
    // Named hierarchies ("name=systemd") are listed as well, and harmless.
    mount_at(mounts, point.path).controllers.emplace_back(point.name);
    status = cgroup_get_controller_next(&handle, &point);
  }
  cgroup_get_controller_end(&handle);
}

void add_unified(std::vector<Mount>& mounts, const std::string& proc) {
  const std::string table = proc + "/mounts";
  const std::unique_ptr<FILE, int (*)(FILE*)> file(
      ::setmntent(table.c_str(), "re"), ::endmntent);
  if (!file) return;
  mntent entry = {};
  std::array<char, 4096> strings;
  while (::getmntent_r(file.get(), &entry, strings.data(),
                       static_cast<int>(strings.size())) != nullptr) {
    if (std::string_view(entry.mnt_type) != "cgroup2") continue;
    mount_at(mounts, entry.mnt_dir).unified = true;
    return;
  }
}

}  // namespace

Result<std::vector<Mount>> find_mounts(const std::string& proc) {
  std::vector<Mount> mounts;
  add_by_libcgroup(mounts);
  const bool has_unified =
      std::any_of(mounts.begin(), mounts.end(),
                  [](const Mount& mount) { return mount.unified; });
  if (!has_unified) add_unified(mounts, proc);
  if (mounts.empty()) {
    return fail(ENODEV, "find a mounted cgroup hierarchy",
                "mount cgroup2 on /sys/fs/cgroup");
  }
  return mounts;
}

}  // namespace cpi
