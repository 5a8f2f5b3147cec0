// An Actuator that runs the setuid helper, once per command.
//
// Inside collectd nobody can wait for a child: the daemon ignores SIGCHLD, and
// its exec plugin reaps whatever ends. So the child that is forked here starts
// the helper as a child of its own, waits for that, and sends the wait status
// through a pipe.
#ifndef CPI_ACTUATE_SPAWN_ACTUATOR_H_
#define CPI_ACTUATE_SPAWN_ACTUATOR_H_

#include <chrono>
#include <string>
#include <vector>

#include "actuate/actuator.h"

namespace cpi {

class SpawnActuator : public Actuator {
 public:
  struct Options {
    // Absolute; started with this as its only environment: none.
    std::string path;
    // The helper's own waits end after 5 seconds. When this is over the
    // outcome is unknown; the helper is not killed, which only root could.
    std::chrono::milliseconds timeout{10'000};
  };
  // Bytes kept of standard output and of standard error each.
  static constexpr std::size_t kMostOutput = actuator::kMaxReplyBytes;

  explicit SpawnActuator(Options options) : options_(std::move(options)) {}

  Result<Outcome> run(const Command& command) override;

  // Can the helper gain its privilege when this process starts it? Looks at
  // no_new_privs, the helper's owner and mode, and its mount, and says what to
  // change. Call once, at init; whether the helper's configuration is right is
  // for its own `selftest`.
  [[nodiscard]] Result<> check() const;

 private:
  Options options_;
};

// The helper's arguments for a command, without the program's name.
std::vector<std::string> arguments_of(const Command& command);

// Can a process with this /proc/self/status start a setuid program? Only
// NoNewPrivs matters: the helper needs uid 0 and no capability, so it works
// with any capability bounding set, the empty one included. Pure.
Result<> check_privileges(const std::string& status);

}  // namespace cpi

#endif  // CPI_ACTUATE_SPAWN_ACTUATOR_H_
