// Real cgroups with real processes, for tests that need root and a writable
// cgroup file system. All are named cpi-…, and go away with their object.
#ifndef CPI_TESTS_LIVE_LIVE_CGROUP_H_
#define CPI_TESTS_LIVE_LIVE_CGROUP_H_

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "counters/hierarchies.h"
#include "counters/mounts.h"

namespace cpi {

// Roots of the hierarchies that the plugin uses on this host, the primary one
// first.
inline std::vector<std::string> used_roots() {
  std::vector<std::string> roots;
  const auto mounts = find_mounts("/proc");
  if (!mounts) return roots;
  std::ifstream file("/proc/cgroups");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto chosen = choose_hierarchies(*mounts, text);
  if (!chosen) return roots;
  std::set<std::string> seen;
  const auto add = [&](const std::optional<Hierarchy>& hierarchy) {
    if (hierarchy && seen.insert(hierarchy->root).second) {
      roots.push_back(hierarchy->root);
    }
  };
  add(chosen->primary);
  add(chosen->cpu_time);
  add(chosen->pressure);
  add(chosen->perf);
  return roots;
}

inline bool write_file(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) ==
                       static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

// One cgroup of the same path in every hierarchy.
class LiveCgroup {
 public:
  explicit LiveCgroup(std::string path) : path_(std::move(path)) {
    for (const std::string& root : used_roots()) {
      const std::string directory = root + path_;
      if (::mkdir(directory.c_str(), 0755) == 0) {
        directories_.push_back(directory);
      }
    }
  }
  ~LiveCgroup() { remove(); }
  LiveCgroup(const LiveCgroup&) = delete;
  LiveCgroup& operator=(const LiveCgroup&) = delete;

  void remove() {
    for (const std::string& directory : directories_) {
      // A process that was just reaped may still be on its way out.
      for (int i = 0; i < 100 && ::rmdir(directory.c_str()) != 0; ++i) {
        if (errno != EBUSY) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
    directories_.clear();
  }

  [[nodiscard]] bool usable() const { return !directories_.empty(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  // In the hierarchy with the cpu controller.
  [[nodiscard]] const std::string& primary() const { return directories_[0]; }

  void add(pid_t pid) const {
    for (const std::string& directory : directories_) {
      write_file(directory + "/cgroup.procs", std::to_string(pid));
    }
  }

 private:
  std::string path_;
  std::vector<std::string> directories_;
};

// A child process that runs `body` for ever, in these cgroups; killed with the
// object.
class Child {
 public:
  Child(const LiveCgroup& cgroup, const std::function<void()>& body)
      : pid_(::fork()) {
    if (pid_ == 0) {
      ::raise(SIGSTOP);
      body();
      ::_exit(0);
    }
    ::waitpid(pid_, nullptr, WUNTRACED);
    cgroup.add(pid_);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Starts stopped.
  void run() const { ::kill(pid_, SIGCONT); }
  void stop() const {
    ::kill(pid_, SIGSTOP);
    ::waitpid(pid_, nullptr, WUNTRACED);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

inline void burn() {
  volatile unsigned long counter = 0;
  while (true) counter = counter + 1;
}

}  // namespace cpi

#endif  // CPI_TESTS_LIVE_LIVE_CGROUP_H_
