#include "store/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/unique_fd.h"

namespace cpi {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;

Result<> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(errno, "write " + path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

constexpr std::string_view kTemporary = ".new.";
constexpr std::string_view kUnique = "XXXXXX";  // what mkostemp(3) fills in

// Temporary files that a writer of `path` left when it was killed: there is one
// writer, so none of them is in use. What else stands there is not ours.
void remove_stale(const fs::path& path) {
  const std::string prefix = path.filename().string() + std::string(kTemporary);
  std::error_code error;
  for (fs::directory_iterator entry(path.parent_path(), error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::error_code ignored;
    if (name.size() == prefix.size() + kUnique.size() &&
        name.starts_with(prefix) &&
        entry->symlink_status(ignored).type() == fs::file_type::regular) {
      ::unlink(entry->path().c_str());
    }
  }
}

// Writes a new file to the disk, not only to the page cache. A name nobody can
// foresee, and O_EXCL: no link or pipe planted there is followed.
Result<> write_durably(std::string& path, std::string_view text) {
  const UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
  if (!file.valid()) return fail(errno, "create " + path);
  auto written = write_all(file.get(), text, path);
  if (written && ::fchmod(file.get(), kMode) != 0) {
    written = fail(errno, "chmod " + path);
  }
  if (written && ::fsync(file.get()) != 0) {
    written = fail(errno, "fsync " + path);
  }
  if (!written) ::unlink(path.c_str());
  return written;
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
  const std::string directory = fs::path(path).parent_path();
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(error.value(), "create directory " + directory);

  remove_stale(path);
  std::string temporary = path;
  temporary.append(kTemporary).append(kUnique);
  auto done = write_durably(temporary, text);
  if (!done) return done;
  done = prepare(path);
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
  // Without O_NONBLOCK the open of a pipe waits for its other end.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) {
    return fail(errno, "open " + path);
  }
  if (S_ISFIFO(info.st_mode)) return fail(0, path + " is a pipe, not a file");
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
