#include "actuator/cgroup_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <cerrno>
#include <charconv>

#include "actuator/request.h"

namespace cpi::actuator {
namespace {

UniqueFd open_beneath(int directory, const char* path, std::uint64_t flags,
                      std::uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = resolve | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(
      ::syscall(SYS_openat2, directory, path, &how, sizeof how)));
}

UniqueFd open_file(const UniqueFd& cgroup, const char* file,
                   std::uint64_t flags) {
  return open_beneath(cgroup.get(), file, flags,
                      RESOLVE_BENEATH | RESOLVE_NO_XDEV);
}

}  // namespace

Hierarchy open_hierarchy(std::span<const Mount> mounts) {
  for (const Mount& mount : mounts) {
    UniqueFd root = open_beneath(AT_FDCWD, mount.path, O_PATH | O_DIRECTORY, 0);
    struct statfs found {};
    if (root.valid() && ::fstatfs(root.get(), &found) == 0) {
      if (found.f_type == mount.filesystem)
        return {std::move(root), mount.version, 0};
    } else if (errno != ENOENT && errno != ELOOP) {
      return {UniqueFd(), 0, errno};
    }
  }
  return {};
}

UniqueFd open_cgroup(const Hierarchy& hierarchy, const Path& path) {
  return open_beneath(hierarchy.root.get(), path.bytes, O_PATH | O_DIRECTORY,
                      RESOLVE_BENEATH | RESOLVE_NO_XDEV);
}

bool identify(const UniqueFd& cgroup, Identity* identity) {
  struct stat found {};
  if (::fstat(cgroup.get(), &found) != 0) return false;
  *identity = {found.st_dev, found.st_ino};
  return true;
}

int read_value(const UniqueFd& cgroup, const char* file, Value* value) {
  char bytes[sizeof value->bytes];
  UniqueFd fd = open_file(cgroup, file, O_RDONLY);
  if (!fd.valid()) return errno;
  ssize_t size = ::read(fd.get(), bytes, sizeof bytes);
  if (size < 0) return errno;
  std::string_view line(bytes, static_cast<std::size_t>(size));
  std::size_t end = line.find('\n');
  if (end == std::string_view::npos) return EIO;
  return value->assign({bytes, end}) ? 0 : EIO;
}

int write_value(const UniqueFd& cgroup, const char* file, const Value& value) {
  Value line = value;
  UniqueFd fd = open_file(cgroup, file, O_WRONLY);
  if (!fd.valid()) return errno;
  if (!line.append("\n")) return EIO;
  ssize_t size = ::write(fd.get(), line.bytes, line.size);
  if (size < 0) return errno;
  return static_cast<std::size_t>(size) == line.size ? 0 : EIO;
}

int probe_value(const UniqueFd& cgroup, const char* file) {
  return open_file(cgroup, file, O_WRONLY).valid() ? 0 : errno;
}

bool to_number(std::string_view text, std::int64_t* number) {
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && rest == end;
}

Value to_value(std::int64_t number) {
  Value value{};
  auto [end, error] =
      std::to_chars(value.bytes, value.bytes + sizeof value.bytes - 1, number);
  value.size = static_cast<std::size_t>(end - value.bytes);
  return value;
}

int list_children(const UniqueFd& cgroup, Names* names) {
  alignas(dirent64) char buffer[8192];
  names->size = 0;
  UniqueFd directory = open_file(cgroup, ".", O_RDONLY | O_DIRECTORY);
  if (!directory.valid()) return errno;
  for (;;) {
    ssize_t size = ::getdents64(directory.get(), buffer, sizeof buffer);
    if (size < 0) return errno;
    if (size == 0) return 0;
    for (ssize_t at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      std::size_t depth = 0;
      if (entry->d_type != DT_DIR ||
          !parse_components(entry->d_name, 1, &depth))
        continue;
      Name* name = names->push();
      if (name == nullptr || !name->assign(entry->d_name)) return E2BIG;
    }
  }
}

}  // namespace cpi::actuator
