#include "actuator_site.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cpi::live {

namespace fs = std::filesystem;
using actuator::Exit;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool write_file(const std::string& path, const std::string& text) {
  // One write(2), as cgroup files want it.
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool written = fd >= 0 && ::write(fd, text.data(), text.size()) ==
                                static_cast<ssize_t>(text.size());
  if (fd >= 0) ::close(fd);
  return written;
}

void remove_tree(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

const std::string& CpuCgroup::root() {
  static const std::string path = [] {
    for (const char* mount :
         {"/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu"})
      if (fs::exists(std::string(mount) + "/cpu.cfs_quota_us") ||
          fs::exists(std::string(mount) + "/release_agent"))
        return std::string(mount);
    return std::string("/sys/fs/cgroup");
  }();
  return path;
}

bool CpuCgroup::is_v1() { return root() != "/sys/fs/cgroup"; }

std::string unified_root() {
  for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
    if (fs::exists(std::string(mount) + "/cgroup.subtree_control"))
      return mount;
  return "";
}

CpuCgroup::CpuCgroup(const std::string& name) : path_(root() + "/" + name) {
  create();
}

CpuCgroup::~CpuCgroup() { remove(); }

void CpuCgroup::create() {
  ::mkdir(path_.c_str(), 0755);
  if (!is_v1())
    write_file(fs::path(path_).parent_path() / "cgroup.subtree_control",
               "+cpu");
}

void CpuCgroup::remove() { ::rmdir(path_.c_str()); }

long CpuCgroup::quota() const {
  std::string text =
      read_file(path_ + (is_v1() ? "/cpu.cfs_quota_us" : "/cpu.max"));
  return text.starts_with("max") ? -1 : std::atol(text.c_str());
}

void CpuCgroup::set_quota(long quota_us) {
  std::string text = std::to_string(quota_us);
  if (is_v1())
    ASSERT_TRUE(write_file(path_ + "/cpu.cfs_quota_us", text)) << path_;
  else
    ASSERT_TRUE(write_file(path_ + "/cpu.max", quota_us < 0 ? "max" : text));
}

long CpuCgroup::burst() const {
  return std::atol(
      read_file(path_ + (is_v1() ? "/cpu.cfs_burst_us" : "/cpu.max.burst"))
          .c_str());
}

void CpuCgroup::set_burst(long burst_us) {
  ASSERT_TRUE(
      write_file(path_ + (is_v1() ? "/cpu.cfs_burst_us" : "/cpu.max.burst"),
                 std::to_string(burst_us)));
}

std::string config_text(const std::string& more_of_alias,
                        const std::string& more) {
  return R"({"callers": [54321], "aliases": {"batch": {"cgroup": "/)" +
         kParent + R"(", "depth": 3)" + more_of_alias + "}}" + more + "}";
}

namespace {
void remove_site() {
  ::umount2((kPrefix + "/run").c_str(), MNT_DETACH);
  remove_tree(kPrefix);
}
}  // namespace

void ActuatorSite::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "installing a setuid helper needs root";
  if (CPI_SANITIZED && needs_setuid())
    GTEST_SKIP() << "a sanitizer's runtime is not fit for a setuid program";
  remove_site();
  for (const std::string& directory :
       {kPrefix, kPrefix + "/bin", kPrefix + "/etc", kPrefix + "/run"})
    ASSERT_EQ(0, ::mkdir(directory.c_str(), 0755)) << directory;
  // As /run is on a host with an init system: fsync costs nothing there.
  ASSERT_EQ(0, ::mount("cpi-test", (kPrefix + "/run").c_str(), "tmpfs", 0,
                       "mode=0700"));
  fs::copy_file(CPI_ACTUATOR, kHelper);
  ASSERT_EQ(0, ::chown(kHelper.c_str(), 0, kCaller));
  ASSERT_EQ(0, ::chmod(kHelper.c_str(), 04750));
  configure(config_text());
}

void ActuatorSite::TearDown() { remove_site(); }

void ActuatorSite::configure(const std::string& text) {
  ASSERT_TRUE(write_file(kPrefix + "/etc/actuator.json", text));
}

void ActuatorSite::clear_state() {
  ::unlink((kPrefix + "/run/journal.json").c_str());
}

std::string ActuatorSite::journal() const {
  return read_file(kPrefix + "/run/journal.json");
}

std::size_t ActuatorSite::throttles() const {
  std::string text = journal();
  std::size_t count = 0;
  for (std::size_t at = text.find("\"follower\""); at != std::string::npos;
       at = text.find("\"follower\"", at + 1))
    ++count;
  return count;
}

Launch ActuatorSite::launch(std::vector<std::string> arguments, uid_t uid) {
  Launch launch;
  launch.program = kHelper;
  launch.arguments = std::move(arguments);
  launch.uid = uid;
  return launch;
}

Ending ActuatorSite::call(std::vector<std::string> arguments, uid_t uid) {
  return run(launch(std::move(arguments), uid));
}

int stride(int step) { return std::getenv("CPI_FULL") != nullptr ? 1 : step; }

}  // namespace cpi::live
