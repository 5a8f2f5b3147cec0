#include "actuator/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>

#include "actuator/cgroup_fs.h"
#include "actuator/journal.h"

namespace cpi::actuator {
namespace {

constexpr std::uint64_t kReadWrite = LANDLOCK_ACCESS_FS_READ_FILE |
                                     LANDLOCK_ACCESS_FS_WRITE_FILE |
                                     LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kReplace =
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE;
// All rights of the first version, and truncation, which came with the third.
constexpr std::uint64_t kEverything = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
constexpr std::uint64_t kTruncate = 1ULL << 14;

UniqueFd create_ruleset(int abi) {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = kEverything | (abi >= 3 ? kTruncate : 0);
  return UniqueFd(static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
}

// Allows `access` to `place` and what is below it.
bool allow(const UniqueFd& ruleset, const UniqueFd& place,
           std::uint64_t access) {
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = place.get();
  return place.valid() && ::syscall(SYS_landlock_add_rule, ruleset.get(),
                                    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool allow_hierarchy(const UniqueFd& ruleset, std::span<const Mount> mounts) {
  Hierarchy hierarchy = open_hierarchy(mounts);
  return hierarchy.version == 0 || allow(ruleset, hierarchy.root, kReadWrite);
}

}  // namespace

bool confine(const UniqueFd& state_directory, int* abi) {
  *abi = static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                                    LANDLOCK_CREATE_RULESET_VERSION));
  if (*abi < 0) {
    *abi = 0;
    return errno == ENOSYS || errno == EOPNOTSUPP;
  }
  UniqueFd ruleset = create_ruleset(*abi);
  UniqueFd boot_id(::open(kBootIdFile, O_PATH | O_CLOEXEC | O_NOFOLLOW));
  return ruleset.valid() &&
         allow(ruleset, state_directory, kReadWrite | kReplace) &&
         allow(ruleset, boot_id, LANDLOCK_ACCESS_FS_READ_FILE) &&
         allow_hierarchy(ruleset, kCpuMounts) &&
         allow_hierarchy(ruleset, kUnifiedMounts) &&
         ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
}

}  // namespace cpi::actuator
