#include "counters/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <limits>
#include <memory>

namespace cpi {
namespace {

constexpr int kFirstHighFd = 1024;
constexpr std::size_t kMaxFile = 1 << 20;

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

bool is_directory(DIR* dir, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status = {};
  return ::fstatat(::dirfd(dir), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) ==
             0 &&
         S_ISDIR(status.st_mode);
}

// The line of `text` that begins with `key` and a space, without both.
std::optional<std::string_view> find_line(std::string_view text,
                                          std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.size() > key.size() && line[key.size()] == ' ' &&
        line.substr(0, key.size()) == key) {
      return line.substr(key.size() + 1);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace

UniqueFd move_high(UniqueFd fd) {
  if (!fd.valid() || fd.get() >= kFirstHighFd) return fd;
  UniqueFd high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstHighFd));
  return high.valid() ? std::move(high) : std::move(fd);
}

Result<UniqueFd> open_to_read(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (!fd.valid()) return fail(errno, "open " + path);
  return fd;
}

namespace {

Result<std::string> read_up_to(std::size_t most, const std::string& path) {
  const auto fd = open_to_read(path);
  if (!fd) return fail(fd);
  std::string text;
  std::array<char, 4096> part;
  while (text.size() < most) {
    const ssize_t size = ::read(fd->get(), part.data(), part.size());
    if (size < 0) return fail(errno, "read " + path);
    if (size == 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  return read_up_to(kMaxFile, path);
}

Result<std::string> read_large_file(const std::string& path) {
  return read_up_to(std::numeric_limits<std::size_t>::max(), path);
}

Result<std::vector<std::string>> list_directories(const std::string& path) {
  auto fd = open_to_read(path, O_DIRECTORY);
  if (!fd) return fail(fd);
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd->get()));
  if (!dir) return fail(errno, "list " + path);
  (void)fd->release();  // the DIR owns it now
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || !is_directory(dir.get(), *entry)) {
      continue;
    }
    names.emplace_back(name);
  }
  return names;
}

void for_each_line(std::string_view text,
                   const std::function<void(std::string_view)>& line) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Result<KeptFile> KeptFile::open(const std::string& path) {
  auto fd = open_to_read(path);
  if (!fd) return fail(fd);
  return KeptFile(move_high(*std::move(fd)));
}

tl::expected<std::string_view, int> KeptFile::read(Buffer& buffer) const {
  const ssize_t size = ::pread(fd_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0) return tl::make_unexpected(errno);
  return std::string_view(buffer.data(), static_cast<std::size_t>(size));
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const auto is_space = [](char c) {
    return c == ' ' || c == '\n' || c == '\t';
  };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || last != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> find_number(std::string_view text,
                                         std::string_view key) {
  if (key.empty()) return parse_number(text.substr(0, text.find('\n')));
  const auto value = find_line(text, key);
  return value ? parse_number(*value) : std::nullopt;
}

std::optional<std::uint64_t> find_pressure(std::string_view text,
                                           std::string_view key) {
  constexpr std::string_view kTotal = "total=";
  const auto line = find_line(text, key);
  if (!line) return std::nullopt;
  const std::size_t at = line->find(kTotal);
  if (at == std::string_view::npos) return std::nullopt;
  return parse_number(line->substr(at + kTotal.size()));
}

}  // namespace cpi
