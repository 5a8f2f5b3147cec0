// Which cgroup: identity is (device, inode), because paths are reused; the path
// is only its name.
#ifndef CPI_BASE_CGROUP_ID_H_
#define CPI_BASE_CGROUP_ID_H_

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>

namespace cpi {

struct CgroupId {
  dev_t device = 0;
  ino_t inode = 0;
  // Relative to the root of its hierarchy, with a leading slash:
  // "/system.slice/nginx.service". For people, and for the helper's TARGET.
  std::string path;

  friend bool operator==(const CgroupId& a, const CgroupId& b) {
    return a.device == b.device && a.inode == b.inode;
  }
};

}  // namespace cpi

template <>
struct std::hash<cpi::CgroupId> {
  std::size_t operator()(const cpi::CgroupId& id) const noexcept {
    return std::hash<ino_t>{}(id.inode) ^ (std::hash<dev_t>{}(id.device) << 1);
  }
};

#endif  // CPI_BASE_CGROUP_ID_H_
