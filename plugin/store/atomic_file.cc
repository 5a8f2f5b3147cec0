#include "store/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/unique_fd.h"

namespace cpi {
namespace {

Result<> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(errno, "write " + path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Writes a new file to the disk, not only to the page cache.
Result<> write_durably(const std::string& path, std::string_view text) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) return fail(errno, "create " + path);
  if (auto written = write_all(file.get(), text, path); !written) {
    return written;
  }
  if (::fsync(file.get()) != 0) return fail(errno, "fsync " + path);
  return {};
}

// Makes a rename within `directory` survive a power cut.
Result<> sync_directory(const std::string& directory) {
  const UniqueFd fd(
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return fail(errno, "fsync " + directory);
  }
  return {};
}

// A second name for the present file, so that `path` never stops existing.
Result<> keep_previous(const std::string& path) {
  const std::string link = path + ".1.new";
  const std::string previous = path + ".1";
  ::unlink(link.c_str());
  if (::link(path.c_str(), link.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail(errno, "link " + link);
  }
  if (std::rename(link.c_str(), previous.c_str()) != 0) {
    return fail(errno, "rename " + link + " to " + previous);
  }
  // Where both were names of one file already, rename(2) leaves the link.
  ::unlink(link.c_str());
  return {};
}

// `prepare` runs when the new text is safe and the old one is still in place.
Result<> replace(const std::string& path, std::string_view text,
                 Result<> (*prepare)(const std::string& path)) {
  const std::string directory = std::filesystem::path(path).parent_path();
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(error.value(), "create directory " + directory);

  const std::string temporary = path + ".new";
  auto done = write_durably(temporary, text);
  if (done) done = prepare(path);
  if (done && std::rename(temporary.c_str(), path.c_str()) != 0) {
    done = fail(errno, "rename " + temporary + " to " + path);
  }
  if (!done) {
    ::unlink(temporary.c_str());
    return done;
  }
  return sync_directory(directory);
}

}  // namespace

Result<> write_atomically(const std::string& path, std::string_view text) {
  return replace(path, text, [](const std::string&) { return Result<>(); });
}

Result<> write_keeping_previous(const std::string& path,
                                std::string_view text) {
  return replace(path, text, keep_previous);
}

void set_aside(const std::string& path) {
  ::rename(path.c_str(), (path + ".damaged").c_str());
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(errno, "open " + path);
  std::string text;
  char chunk[16384];
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno, "read " + path);
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
    if (text.size() > max_bytes) return fail(EFBIG, "read " + path);
  }
}

}  // namespace cpi
