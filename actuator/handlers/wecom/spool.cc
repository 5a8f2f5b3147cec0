#include "actuator/handlers/wecom/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cpi::wecom {
namespace {

namespace fs = std::filesystem;

constexpr double kMinute = 60;

Result<> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return fail(errno, "make " + path,
              "make it, owned by the user that NotificationExec runs as");
}

Result<> write_synced(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                           0600));
  if (!fd.valid()) return fail(errno, "make " + path);
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0) return fail(errno, "write " + path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd.get()) != 0) return fail(errno, "save " + path);
  return {};
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<Spool> Spool::open(const std::string& directory) {
  for (const char* part : {"", "/new", "/held"}) {
    if (auto made = make_directory(directory + part); !made) return fail(made);
  }
  return Spool(directory);
}

Result<> Spool::add(std::string_view text) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string name =
      fmt::format("{:020}-{:07}-{:04}", now.count(), ::getpid(), added_++);
  const std::string unfinished = directory_ + "/new/." + name;
  if (auto written = write_synced(unfinished, text); !written) {
    ::unlink(unfinished.c_str());
    return written;
  }
  const std::string path = directory_ + "/new/" + name;
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    return fail(errno, "make " + path);
  }
  const UniqueFd folder(::open((directory_ + "/new").c_str(),
                               O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ::fsync(folder.get());
  return {};
}

std::vector<std::string> Spool::waiting() const {
  return names_in(directory_ + "/new");
}

std::string Spool::text_of(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(directory_ + "/new/" + name).rdbuf();
  return text.str();
}

void Spool::remove(const std::string& name) {
  ::unlink((directory_ + "/new/" + name).c_str());
}

void Spool::hold(const std::string& name) {
  ::rename((directory_ + "/new/" + name).c_str(),
           (directory_ + "/held/" + name).c_str());
  const auto held = names_in(directory_ + "/held");
  for (std::size_t i = 0; i + kMostHeld < held.size(); ++i) {
    ::unlink((directory_ + "/held/" + held[i]).c_str());
  }
}

bool Spool::lock() {
  UniqueFd fd(::open((directory_ + "/lock").c_str(),
                     O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return false;
  lock_ = std::move(fd);
  return true;
}

std::vector<double> Spool::sent(double now) const {
  std::vector<double> times;
  std::ifstream file(directory_ + "/sent");
  // A clock that was put back must not stop everything.
  for (double time = 0; file >> time;) {
    if (time > now - kMinute && time <= now) times.push_back(time);
  }
  return times;
}

void Spool::note_sent(double now) {
  auto times = sent(now);
  times.push_back(now);
  std::ofstream file(directory_ + "/sent", std::ios::trunc);
  for (const double time : times) file << fmt::format("{:.3f}\n", time);
}

}  // namespace cpi::wecom
