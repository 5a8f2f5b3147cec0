// Small files of kernel file systems. Those read at every tick are kept open
// and read at offset 0 into a fixed buffer, without allocation.
#ifndef CPI_COUNTERS_FILES_H_
#define CPI_COUNTERS_FILES_H_

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace cpi {

// Moves a descriptor to 1024 or above where the limit allows it, so that
// libraries of the same process that use select(2) keep their low ones.
// Otherwise returns it unchanged. Keeps close-on-exec.
UniqueFd move_high(UniqueFd fd);

// Opens for reading, close-on-exec; `flags` are further open(2) flags.
Result<UniqueFd> open_to_read(const std::string& path, int flags = 0);

// The whole file; at most 1 MiB of it.
Result<std::string> read_file(const std::string& path);

// The whole file, however large.
Result<std::string> read_large_file(const std::string& path);

// Names of the directories in `path`, unsorted, without "." and "..".
Result<std::vector<std::string>> list_directories(const std::string& path);

// Calls `line` with every line of `text`, without its newline.
void for_each_line(std::string_view text,
                   const std::function<void(std::string_view)>& line);

// A file that is read again and again. What read() returns is valid until the
// buffer is used again. Not thread-safe.
class KeptFile {
 public:
  using Buffer = std::array<char, 4096>;

  static Result<KeptFile> open(const std::string& path);

  // The first part of the file, as it is now. errno ENODEV: what it described
  // is gone.
  // Hot path: the error is an errno alone.
  [[nodiscard]] tl::expected<std::string_view, int> read(Buffer& buffer) const;

 private:
  explicit KeptFile(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

// An unsigned decimal that is the whole text but for spaces around it.
std::optional<std::uint64_t> parse_number(std::string_view text);

// The number on the line "KEY NUMBER"; with an empty key the first line is the
// number. Absent where there is no such line.
std::optional<std::uint64_t> find_number(std::string_view text,
                                         std::string_view key);

// "total=" of the pressure file's line that begins with `key` ("some").
std::optional<std::uint64_t> find_pressure(std::string_view text,
                                           std::string_view key);

}  // namespace cpi

#endif  // CPI_COUNTERS_FILES_H_
