// A real collectd with the module under test, as a child process in the
// foreground: own BaseDir, own configuration, own copies of the plugins, no
// network. All of it is gone with the object.
#ifndef CPI_TESTS_LIVE_DAEMON_H_
#define CPI_TESTS_LIVE_DAEMON_H_

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace cpi {

class LiveDaemon {
 public:
  // Why there can be none here; nothing if there can. For GTEST_SKIP.
  static std::optional<std::string> unavailable();

  // Prepares a daemon whose configuration ends with `configuration`. csv,
  // logfile and unixsock are loaded; the module is not: see with_module().
  explicit LiveDaemon(const std::string& configuration);
  LiveDaemon(const LiveDaemon&) = delete;
  LiveDaemon& operator=(const LiveDaemon&) = delete;
  ~LiveDaemon();

  // Loads the module with an interval in seconds, and gives it `options`.
  static std::string with_module(const std::string& options,
                                 double interval = 0.2);

  // `collectd -T`: everything is read once. Returns the exit status.
  int read_once();

  // From now on runs as this user and its group, without any others, as a
  // distribution's unit may have it. REQUIRES: root, not running.
  void run_as(uid_t user);
  // `collectd -f`. REQUIRES: not running.
  void start();
  // SIGTERM. Returns the exit status; −1 if it was killed by a signal or had to
  // be. REQUIRES: running.
  int stop();
  // SIGKILL, as a crash would. REQUIRES: running.
  void kill();
  // Still there and no zombie.
  bool is_running();

  // Looks often, for up to 20 s, until `holds` does; false if it never did.
  static bool eventually(const std::function<bool()>& holds);
  bool eventually_logs(const std::string& text);
  // Until the series has `count` values.
  bool eventually_stores(const std::string& identifier, std::size_t count = 1);

  // Everything logged so far, with "[error] " and the like in front of lines,
  // and what the process itself printed (sanitizers do).
  [[nodiscard]] std::string log() const;
  // The lines of the log that contain `text`.
  [[nodiscard]] std::vector<std::string> log_lines(
      const std::string& text) const;

  struct Stored {
    double time = 0;  // seconds since 1970
    double value = 0;
  };
  // What the csv plugin stored for "cpi-host/gauge-config_errors"; sums as
  // rates per second. Empty if there is no such series.
  [[nodiscard]] std::vector<Stored> stored(const std::string& identifier) const;

  // The answer to a command on the daemon's socket; "" if there is none.
  [[nodiscard]] std::string ask(const std::string& command) const;

  [[nodiscard]] std::string base_dir() const { return directory_ / "base"; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void spawn(const std::vector<std::string>& arguments);
  int wait_for_exit();

  TemporaryDirectory directory_;
  std::vector<std::string> launcher_;  // words in front of the daemon's
  pid_t pid_ = 0;
};

}  // namespace cpi

#endif  // CPI_TESTS_LIVE_DAEMON_H_
