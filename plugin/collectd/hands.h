// Has done what the policy decides, away from the thread that reads: the state
// is saved first, then the helper is called, one action after the other; what
// became of them waits for the next read.
//
//   read ──► hand_over(actions, state) ──► thread: state.json, cpi-actuator
//   read ◄── news()  ◄── outcomes, and what is in force where that is in doubt
#ifndef CPI_COLLECTD_HANDS_H_
#define CPI_COLLECTD_HANDS_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actuate/actuator.h"
#include "actuate/order.h"
#include "base/config.h"
#include "base/log.h"
#include "base/result.h"
#include "policy/action.h"
#include "policy/outcome.h"
#include "store/state_json.h"

namespace cpi {

// Which cgroup has this path in the hierarchy of quotas; absent: none. Any
// thread.
using Identify = std::function<std::optional<CgroupId>(const std::string&)>;

// What it takes to act.
struct Means {
  std::unique_ptr<Actuator> actuator;
  Aliases aliases;
  Identify identify;
  InForce in_force = {};  // before anything was done
};

// The means of this host: the helper as configured, and what root allows it.
// Fails, with the remedy, where nothing could be done: the helper is not there
// or can have no privilege, its configuration cannot be read, or it does not
// answer. Waits for the helper.
Result<Means> means_of(const ActuateConfig& config, Identify identify);

// Asks the helper what it holds. What has no name or no cgroup is left out.
Result<InForce> look(const Means& means);

// What happened since the last news.
struct News {
  // Of actions on containers, in the order in which they were decided.
  std::vector<ActionOutcome> outcomes;
  // After all that was handed over so far.
  std::optional<InForce> in_force;
};

// Thread-safe. Dry runs are logged and never carried out.
class Hands {
 public:
  // `means`: absent where nothing is to be done; what is in force then is the
  // first news. `state_dir` must exist for
  // the state to be saved; where it cannot be, that is said once.
  Hands(std::optional<Means> means, const std::string& state_dir, LogSink log);
  ~Hands() { stop(); }
  Hands(const Hands&) = delete;
  Hands& operator=(const Hands&) = delete;

  // One tick's decisions, and what the policy knows with them. Never waits.
  // Where the helper is slower than the ticks, what waits is replaced by what
  // was decided since: no container waits with more than two actions.
  void hand_over(const std::vector<Action>& actions, const StateFile& state);

  News news();

  // Finishes what was handed over. A call of the helper may last seconds.
  void stop();

 private:
  struct Work {
    std::vector<Action> actions;
    std::string state;  // empty: nothing to save
  };

  void run();
  void work(const Work& work) noexcept;
  void save(const std::string& state);
  // A helper that does not answer is not waited for again and again: the
  // other actions of the same work fail at once.
  void carry_out(const Action& action);
  // Whether the helper holds what is to be renewed, as far as it says. A lease
  // that has not ended and is no longer held was given back by somebody, who
  // has a reason: lowering it again would take it away from them.
  [[nodiscard]] bool is_held(const CgroupId& cgroup);
  void leave(const CgroupId& cgroup);
  Result<Outcome> order(const Action& action);
  void settle(const Action& action, const Result<Outcome>& answer);
  // Unless something was handed over since, which it would not know.
  void look_again();

  const std::optional<Means> means_;
  const std::string path_;
  LogSink log_;
  Complaints complaints_;  // by the thread only
  bool in_doubt_ = false;  // by the thread only
  bool silent_ = false;    // by the thread only: no answer in this work

  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Work> waiting_;
  std::string handed_over_;  // the state that was, last
  News news_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_HANDS_H_
