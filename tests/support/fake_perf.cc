#include "support/fake_perf.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <span>

namespace cpi {
namespace {

std::string directory_of(int fd) {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd),
                                       failed)
      .string();
}

// A descriptor with an inode of its own, so that it is not mistaken for
// another one that has its number later.
UniqueFd unique_file() {
  std::string name =
      (std::filesystem::temp_directory_path() / "cpi-fake-XXXXXX").string();
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  ::unlink(name.c_str());
  return fd;
}

}  // namespace

Result<UniqueFd> FakePerf::open(const perf_event_attr& attr, int cgroup_fd,
                                int cpu, int leader) {
  const std::string cgroup =
      cgroup_fd == kWholeCpu ? "" : directory_of(cgroup_fd);
  Opened event{attr, cgroup, cpu, leader, -1};
  if (open_fault) {
    if (const int code = open_fault(event)) {
      return tl::make_unexpected(perf_open_error(code, cgroup_fd, cpu));
    }
  }
  UniqueFd fd = unique_file();
  event.fd = fd.get();
  opened.push_back(event);
  return fd;
}

int FakePerf::open_now() const {
  std::set<int> fds;
  for (const Opened& event : opened) {
    if (directory_of(event.fd).find("cpi-fake-") != std::string::npos) {
      fds.insert(event.fd);
    }
  }
  return static_cast<int>(fds.size());
}

Result<> FakePerf::control(int leader, Command command) {
  if (control_fault != 0) return fail(control_fault, "switch a counter group");
  commands.emplace_back(leader, command);
  return {};
}

Result<std::size_t> FakePerf::read(int leader, std::span<std::byte> buffer) {
  if (read_fault != 0) return fail(read_fault, "read a counter group");
  const auto event =
      std::find_if(opened.rbegin(), opened.rend(),
                   [&](const Opened& o) { return o.fd == leader; });
  if (event == opened.rend()) return fail(EBADF, "read a counter group");
  std::vector<std::uint64_t> values = {2, 0, 0, 0, 0};
  const auto known = bytes.find({event->cgroup, event->cpu});
  if (known != bytes.end()) values = known->second;
  const auto bytes_read = std::as_bytes(std::span(values));
  const std::size_t size = std::min(buffer.size(), bytes_read.size());
  std::copy_n(bytes_read.begin(), size, buffer.begin());
  return size;
}

}  // namespace cpi
