#include "live/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "base/unique_fd.h"

namespace cpi {
namespace {

namespace fs = std::filesystem;

constexpr char kDaemon[] = "/usr/sbin/collectd";
constexpr char kHost[] = "livehost";

// Where distributions keep the daemon's own plugins.
std::optional<std::string> plugin_folder() {
  for (const char* folder : {"/usr/lib/collectd", "/usr/lib64/collectd",
                             "/usr/lib/x86_64-linux-gnu/collectd",
                             "/usr/lib/aarch64-linux-gnu/collectd"}) {
    if (fs::exists(std::string(folder) + "/csv.so")) return folder;
  }
  return std::nullopt;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Where a library of this process was loaded from; "" if it was not.
std::string loaded_library(const std::string& name) {
  std::istringstream maps(contents("/proc/self/maps"));
  for (std::string line; std::getline(maps, line);) {
    if (line.find("/" + name + ".so") != std::string::npos) {
      return line.substr(line.find('/'));
    }
  }
  return "";
}

// The sanitizers' libraries that this test is linked with: the daemon is not,
// but loads a module that is, so that they must be there before it. ASan's
// insists on being the first.
std::string sanitizer_libraries() {
  std::string libraries;
  for (const char* name : {"libasan", "libtsan", "libubsan"}) {
    const std::string library = loaded_library(name);
    if (!library.empty()) libraries += library + ":";
  }
  return libraries;
}

}  // namespace

std::optional<std::string> LiveDaemon::unavailable() {
  if (::access(kDaemon, X_OK) != 0) return "no /usr/sbin/collectd";
  if (!plugin_folder()) return "collectd's plugins were not found";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  if (sanitizer_libraries().empty()) return "sanitizer linked statically";
#endif
  return std::nullopt;
}

LiveDaemon::LiveDaemon(const std::string& configuration) {
  fs::create_directories(directory_ / "plugins");
  fs::create_directories(base_dir());
  // Copies: the daemon refuses symbolic links.
  for (const std::string plugin : {"csv.so", "logfile.so", "unixsock.so"}) {
    fs::copy_file(*plugin_folder() + "/" + plugin,
                  directory_ / ("plugins/" + plugin));
  }
  fs::copy_file(CPI_MODULE, directory_ / "plugins/cpi.so");
  std::ofstream(directory_ / "collectd.conf")
      << "Hostname \"" << kHost << "\"\n"
      << "FQDNLookup false\n"
      << "BaseDir \"" << base_dir() << "\"\n"
      << "PIDFile \"" << directory_ / "pid"
      << "\"\n"
      << "PluginDir \"" << directory_ / "plugins"
      << "\"\n"
      << "LoadPlugin logfile\n"
      << "<Plugin logfile>\n"
      << "  LogLevel info\n  Timestamp false\n  PrintSeverity true\n"
      << "  File \"" << directory_ / "log"
      << "\"\n"
      << "</Plugin>\n"
      << "LoadPlugin csv\n"
      << "<Plugin csv>\n"
      << "  DataDir \"" << directory_ / "csv"
      << "\"\n  StoreRates true\n"
      << "</Plugin>\n"
      << "LoadPlugin unixsock\n"
      << "<Plugin unixsock>\n"
      << "  SocketFile \"" << directory_ / "socket"
      << "\"\n"
      << "</Plugin>\n"
      << configuration << "\n";
}

LiveDaemon::~LiveDaemon() {
  if (pid_ > 0) stop();
}

std::string LiveDaemon::with_module(const std::string& options,
                                    double interval) {
  return "<LoadPlugin cpi>\n  Interval " + std::to_string(interval) +
         "\n</LoadPlugin>\n<Plugin cpi>\n" + options + "\n</Plugin>\n";
}

void LiveDaemon::spawn(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = launcher_;
  words.insert(words.end(), {kDaemon, "-C", directory_ / "collectd.conf"});
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::vector<std::string> variables = {
      "LD_PRELOAD=" + sanitizer_libraries(),
      // The daemon and its plugins keep what they allocated until they exit.
      "ASAN_OPTIONS=detect_leaks=0", "UBSAN_OPTIONS=print_stacktrace=1"};
  std::vector<char*> environment;
  for (std::string& variable : variables)
    environment.push_back(variable.data());
  environment.push_back(nullptr);

  const std::string output = directory_ / "output";
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  if (::posix_spawn(&pid_, words.front().c_str(), &files, nullptr, argv.data(),
                    environment.data()) != 0) {
    pid_ = 0;
  }
  posix_spawn_file_actions_destroy(&files);
}

int LiveDaemon::wait_for_exit() {
  int status = 0;
  const bool exited =
      eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
  if (!exited) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int LiveDaemon::read_once() {
  spawn({"-T"});
  return wait_for_exit();
}

void LiveDaemon::run_as(uid_t user) {
  const std::string number = std::to_string(user);
  launcher_ = {"/usr/bin/setpriv", "--reuid", number,
               "--regid",          number,    "--clear-groups"};
  const auto give = [user](const fs::path& path) {
    if (::chown(path.c_str(), user, user) != 0) std::perror(path.c_str());
  };
  fs::permissions(directory_.path(), fs::perms(0755));
  give(directory_.path());
  for (const auto& entry :
       fs::recursive_directory_iterator(directory_.path())) {
    give(entry.path());
  }
}

void LiveDaemon::start() { spawn({"-f"}); }

int LiveDaemon::stop() {
  ::kill(pid_, SIGTERM);
  return wait_for_exit();
}

void LiveDaemon::kill() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

bool LiveDaemon::is_running() {
  siginfo_t info{};
  // Leaves the exit status for stop().
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return pid_ > 0 && info.si_pid == 0;
}

bool LiveDaemon::eventually(const std::function<bool()>& holds) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

bool LiveDaemon::eventually_logs(const std::string& text) {
  const auto logged = [&] { return !log_lines(text).empty(); };
  return eventually([&] { return logged() || !is_running(); }) && logged();
}

bool LiveDaemon::eventually_stores(const std::string& identifier,
                                   std::size_t count) {
  const auto there = [&] { return stored(identifier).size() >= count; };
  return eventually([&] { return there() || !is_running(); }) && there();
}

std::string LiveDaemon::log() const {
  return contents(directory_ / "log") + contents(directory_ / "output");
}

std::vector<std::string> LiveDaemon::log_lines(const std::string& text) const {
  std::istringstream all(log());
  std::vector<std::string> lines;
  for (std::string line; std::getline(all, line);) {
    if (line.find(text) != std::string::npos) lines.push_back(line);
  }
  return lines;
}

std::vector<LiveDaemon::Stored> LiveDaemon::stored(
    const std::string& identifier) const {
  // DATA_DIR/HOST/PLUGIN-INSTANCE/TYPE-INSTANCE-YYYY-MM-DD, one file a day,
  // each with a head line.
  const fs::path series =
      fs::path(directory_ / "csv") / kHost / fs::path(identifier);
  const std::string prefix = series.filename().string() + "-2";
  std::vector<Stored> values;
  std::error_code missing;
  for (const auto& entry :
       fs::directory_iterator(series.parent_path(), missing)) {
    if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
    std::ifstream file(entry.path());
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      Stored value;
      char comma = 0;
      if (std::istringstream(line) >> value.time >> comma >> value.value) {
        values.push_back(value);
      }
    }
  }
  return values;
}

std::string LiveDaemon::ask(const std::string& command) const {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ / "socket";
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const std::string line = command + "\n";
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0 ||
      ::write(socket.get(), line.data(), line.size()) !=
          static_cast<ssize_t>(line.size())) {
    return "";
  }
  ::shutdown(socket.get(), SHUT_WR);
  std::string answer;
  char part[1024];
  for (ssize_t got = 0; (got = ::read(socket.get(), part, sizeof part)) > 0;) {
    answer.append(part, static_cast<std::size_t>(got));
  }
  return answer;
}

}  // namespace cpi
