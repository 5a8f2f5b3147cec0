#include "actuator/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "actuator/fixed.h"

namespace cpi::actuator {
namespace {

constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

// `fd` if it is of `type` and only root could have changed it.
UniqueFd trusted(UniqueFd fd, mode_t type) {
  struct stat found {};
  if (!fd.valid() || ::fstat(fd.get(), &found) != 0) return UniqueFd();
  if ((found.st_mode & S_IFMT) == type && found.st_uid == 0 &&
      (found.st_mode & kWritableByOthers) == 0)
    return fd;
  errno = EPERM;
  return UniqueFd();
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

UniqueFd open_trusted_directory(const char* path) {
  constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd directory = trusted(UniqueFd(::open("/", kFlags)), S_IFDIR);
  std::string_view rest(path);
  while (directory.valid() && !rest.empty()) {
    rest.remove_prefix(1);
    std::size_t length = rest.find('/');
    if (length == std::string_view::npos) length = rest.size();
    Text<255> component{};
    if (!component.assign({rest.data(), length})) return UniqueFd();
    directory = trusted(
        UniqueFd(::openat(directory.get(), component.bytes, kFlags)), S_IFDIR);
    rest.remove_prefix(length);
  }
  return directory;
}

UniqueFd open_trusted_file(int directory, const char* name) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  return trusted(UniqueFd(::openat(directory, name, kFlags)), S_IFREG);
}

ssize_t read_all(int fd, char* bytes, std::size_t size) {
  std::size_t filled = 0;
  while (filled < size) {
    ssize_t got = ::read(fd, bytes + filled, size - filled);
    if (got < 0) return -1;
    if (got == 0) return static_cast<ssize_t>(filled);
    filled += static_cast<std::size_t>(got);
  }
  errno = EFBIG;
  return -1;
}

bool replace_file(int directory, const char* name, std::string_view bytes) {
  Text<64> fresh{};
  if (!fresh.assign(name) || !fresh.append(".new")) return false;
  // A call killed half-way leaves one behind.
  if (::unlinkat(directory, fresh.bytes, 0) != 0 && errno != ENOENT)
    return false;
  UniqueFd file(::openat(directory, fresh.bytes,
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         0600));
  if (!file.valid() || !write_all(file.get(), bytes) ||
      ::fsync(file.get()) != 0)
    return false;
  if (::renameat(directory, fresh.bytes, directory, name) != 0) return false;
  // The directory is pinned by an O_PATH descriptor, which cannot be synced.
  UniqueFd synced(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return synced.valid() && ::fsync(synced.get()) == 0;
}

}  // namespace cpi::actuator
