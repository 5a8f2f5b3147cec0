// What the plugin can have done to a host, as values, and the interface through
// which it is done. What to do is decided elsewhere: nothing here has an
// opinion. actuator/protocol.h is the contract with the helper behind it.
#ifndef CPI_ACTUATE_ACTUATOR_H_
#define CPI_ACTUATE_ACTUATOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "actuator/protocol.h"
#include "base/result.h"

namespace cpi {

// One request. Fields that its verb does not use are ignored.
struct Command {
  actuator::Verb verb = actuator::Verb::status;
  // lower, raise, release: "alias/child…". release: empty for all.
  std::string target;
  // lower, raise: thousandths of a CPU.
  std::int64_t millicores = 0;
  // lower, raise: of the lease, 0 leaves it as it is (raise only).
  // freeze: how long.
  std::chrono::seconds period{0};
  // freeze: one word for the refusals that follow.
  std::string reason;
  // restore: only what has expired.
  bool expired = false;

  // Sets a smaller quota for `lease`, or renews one that is already so.
  static Command lower(std::string target, std::int64_t millicores,
                       std::chrono::seconds lease);
  // Sets a larger quota, at most the original. Without a lease the old one
  // runs on.
  static Command raise(std::string target, std::int64_t millicores,
                       std::chrono::seconds lease = {});
  static Command release(std::string target);
  static Command release_all();
  // No new batch work for `period`. One that runs already is not extended.
  static Command freeze(std::chrono::seconds period, std::string reason);
  static Command thaw();
  static Command restore(bool only_expired = false);
  static Command status();
  static Command self_test();
};

// What the helper answered.
struct Outcome {
  actuator::Exit exit = actuator::Exit::done;
  std::string reply;  // one line of JSON, fields as in protocol.h
  std::string words;  // what it said on standard error
};

// One parent cgroup that root has allowed, as in the helper's configuration.
struct Alias {
  std::string name;
  std::string parent;  // "/batch.slice"
  // Components a target may have below it; 0: it is itself the only target.
  std::size_t depth = 1;

  friend bool operator==(const Alias&, const Alias&) = default;
};

// Has commands carried out. Not thread-safe; a call may last a few seconds.
class Actuator {
 public:
  virtual ~Actuator() = default;

  // What became of `command`, whatever that was: a refusal is an Outcome too.
  // An Error means that it is unknown: the helper could not be started, was
  // killed, or did not end in time. `restore` then makes things certain.
  virtual Result<Outcome> run(const Command& command) = 0;
};

// For callers to whom only success matters: success, or what the helper said
// and what the operator can do about it. Error::code is the errno nearest in
// meaning.
Result<> success(const Outcome& outcome);

// Whether root has switched acting off: the file `disabled` lies beside the
// helper's configuration. Then the helper refuses what takes something away;
// whoever asks others to act, as the plugin's notifications do, has to look
// here.
bool is_switched_off(const std::string& configuration);

}  // namespace cpi

#endif  // CPI_ACTUATE_ACTUATOR_H_
