// cgroups by name, without leaving the hierarchy: the mount is one of paths.h
// and really a cgroup file system; every name is resolved beneath it by the
// kernel (openat2), without symbolic links or mounts; and a cgroup is held by
// its directory, whose files stop working when it is removed.
#ifndef CPI_ACTUATOR_CGROUP_FS_H_
#define CPI_ACTUATOR_CGROUP_FS_H_

#include "actuator/fixed.h"
#include "actuator/paths.h"
#include "actuator/protocol.h"
#include "base/unique_fd.h"

namespace cpi::actuator {

struct Hierarchy {
  UniqueFd root;
  int version = 0;  // of cgroups; 0: there is none
  int error = 0;    // the errno for which that could not be told
};

// The first of `mounts` that is what it should be.
[[nodiscard]] Hierarchy open_hierarchy(std::span<const Mount> mounts);

// A path relative to the root of its hierarchy, no leading slash.
using Path = Text<kMaxTargetBytes>;

// Pins a cgroup. Invalid with errno set: ENOENT when there is none, ENOSYS
// before Linux 5.6.
[[nodiscard]] UniqueFd open_cgroup(const Hierarchy& hierarchy,
                                   const Path& path);

// A cgroup's identity while the machine is up; paths are reused.
struct Identity {
  std::uint64_t device, inode;
  friend bool operator==(const Identity&, const Identity&) = default;
};
[[nodiscard]] bool identify(const UniqueFd& cgroup, Identity* identity);

// The first line of a cgroup's file.
using Value = Text<63>;

// Both return 0 or an errno. A value is written with one write(2).
[[nodiscard]] int read_value(const UniqueFd& cgroup, const char* file,
                             Value* value);
[[nodiscard]] int write_value(const UniqueFd& cgroup, const char* file,
                              const Value& value);
// Could it be written? Opens the file for writing, writes nothing.
[[nodiscard]] int probe_value(const UniqueFd& cgroup, const char* file);

// The whole decimal number in `text`.
[[nodiscard]] bool to_number(std::string_view text, std::int64_t* number);
[[nodiscard]] Value to_value(std::int64_t number);

// Names of the cgroups directly below, in order; those that cannot be written
// in a TARGET are left out. 0 or an errno; E2BIG when they do not fit.
using Name = Text<kMaxTargetBytes>;
using Names = List<Name, 512>;
[[nodiscard]] int list_children(const UniqueFd& cgroup, Names* names);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_CGROUP_FS_H_
