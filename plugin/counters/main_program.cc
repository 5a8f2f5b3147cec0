#include "counters/main_program.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "counters/files.h"
#include "counters/process_map.h"

namespace cpi {
namespace {

// CPU time in clock ticks, user and system: fields 14 and 15 of /proc/PID/stat
// (proc(5)), of which the name in parentheses, which may hold anything, is 2.
std::optional<std::uint64_t> ticks_in(std::string_view stat) {
  constexpr int kUserTime = 14;
  constexpr int kAfterName = 3;
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 2);
  std::uint64_t sum = 0;
  for (int field = kAfterName; field <= kUserTime + 1; ++field) {
    const std::size_t end = std::min(stat.find(' '), stat.size());
    if (field >= kUserTime) {
      const auto ticks = parse_number(stat.substr(0, end));
      if (!ticks) return std::nullopt;
      sum += *ticks;
    }
    stat.remove_prefix(std::min(end + 1, stat.size()));
  }
  return sum;
}

// Fowler, Noll, Vo: hash FNV-1a, 64 bits.
std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash) {
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

std::string file_name(std::string path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

void MainProgram::look(const std::string& directory) {
  const Programs programs = programs_in(directory);
  const auto most = std::max_element(programs.begin(), programs.end(),
                                     [](const auto& a, const auto& b) {
                                       return a.second.used < b.second.used;
                                     });
  if (most == programs.end() || most->second.used < kNotable) return;
  if (main_ == most->first) return;
  const auto present = main_ ? programs.find(*main_) : programs.end();
  const bool stays = present != programs.end() &&
                     most->second.used < kDominance * present->second.used;
  if (stays) return;
  std::string name = name_of(most->second.pid);
  if (name.empty()) return;  // it has just ended
  main_ = most->first;
  executable_ = std::move(name);
}

MainProgram::Programs MainProgram::programs_in(
    const std::string& directory) const {
  static const auto kTicksPerSecond =
      static_cast<double>(::sysconf(_SC_CLK_TCK));
  Programs programs;
  std::size_t looked_at = 0;
  for (const int pid : processes_below(directory)) {
    if (++looked_at > kMost) break;
    struct stat file = {};
    if (::stat(fmt::format("{}/{}/exe", proc_, pid).c_str(), &file) != 0) {
      continue;  // a kernel thread, ended, or not ours to see
    }
    const auto text = read_file(fmt::format("{}/{}/stat", proc_, pid));
    const auto ticks = text ? ticks_in(*text) : std::nullopt;
    if (!ticks) continue;
    Program& program = programs[{file.st_dev, file.st_ino}];
    program.used += from_seconds(
        std::min(static_cast<double>(*ticks) / kTicksPerSecond, 1e6));
    program.pid = pid;
  }
  return programs;
}

std::string MainProgram::name_of(int pid) const {
  const std::string link = fmt::format("{}/{}/exe", proc_, pid);
  std::array<char, 4096> buffer;
  const ssize_t length = ::readlink(link.c_str(), buffer.data(), buffer.size());
  const auto file = open_to_read(link);
  struct stat status = {};
  if (length <= 0 || !file || ::fstat(file->get(), &status) != 0) return {};
  const std::string path(buffer.data(), static_cast<std::size_t>(length));
  const ssize_t size = ::pread(file->get(), buffer.data(), buffer.size(), 0);
  if (size < 0) return {};
  const std::string_view page(buffer.data(), static_cast<std::size_t>(size));
  const auto total = static_cast<std::uint64_t>(status.st_size);
  return fmt::format("{} {:016x}", file_name(path),
                     fnv1a(page, 0xcbf29ce484222325 ^ total));
}

}  // namespace cpi
