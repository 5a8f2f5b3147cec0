#include "collectd/hands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>
#include <system_error>
#include <utility>
#include <variant>

#include "actuate/spawn_actuator.h"
#include "policy/words.h"
#include "store/atomic_file.h"
#include "store/reply_json.h"

namespace cpi {
namespace {

// What the answer has to say for the policy to be right about the container.
Millicores quota_of(const Verb& verb) {
  return std::visit(
      [](const auto& one) -> Millicores {
        if constexpr (requires { one.quota; }) return one.quota;
        return 0;
      },
      verb);
}

// Whether the helper had nothing to do, because it holds no throttle of that
// container: somebody has given it back.
bool is_void(const Action& action, const Outcome& answer) {
  if (answer.exit != actuator::Exit::done || quota_of(action.verb) == 0) {
    return false;
  }
  const auto reply = parse_reply(answer.reply);
  return !reply || !reply->quota;
}

bool is_release(const Action& action) {
  return std::holds_alternative<Release>(action.verb);
}

// Whether both are for the helper, and about the same container.
bool is_same_target(const Action& a, const Action& b) {
  const auto for_helper = [](const Action& action) {
    return !action.dry_run && !std::holds_alternative<Reschedule>(action.verb);
  };
  const CgroupId* of_a = target_of(a.verb);
  const CgroupId* of_b = target_of(b.verb);
  return of_a && of_b && *of_a == *of_b && for_helper(a) && for_helper(b);
}

// Adds what was decided later. A quota that was never set need not be, when
// another is wanted by now; one that is still to be set will last for as long
// as its renewal asks.
void add(std::vector<Action>& waiting, const std::vector<Action>& later) {
  std::vector<Action> added;
  for (const Action& action : later) {
    const auto is_about_it = [&](const Action& earlier) {
      return is_same_target(earlier, action);
    };
    const bool pending =
        std::any_of(waiting.begin(), waiting.end(), is_about_it);
    if (pending && std::holds_alternative<Renew>(action.verb)) continue;
    std::erase_if(waiting, [&](const Action& earlier) {
      return is_about_it(earlier) &&
             (!is_release(earlier) || is_release(action));
    });
    added.push_back(action);
  }
  waiting.insert(waiting.end(), added.begin(), added.end());
}

}  // namespace

Result<Means> means_of(const ActuateConfig& config, Identify identify) {
  auto actuator = std::make_unique<SpawnActuator>(
      SpawnActuator::Options{.path = config.helper});
  if (const auto ready = actuator->check(); !ready) return fail(ready);
  const auto text = read_file(config.allowlist);
  if (!text) return fail(text);
  auto aliases = parse_allowlist(*text);
  if (!aliases) {
    return fail(aliases.error().code,
                config.allowlist + ": " + aliases.error().what,
                "correct it and start collectd again");
  }
  Means means{std::move(actuator), Aliases(*std::move(aliases)),
              std::move(identify)};
  auto in_force = look(means);
  if (!in_force) return fail(in_force);
  means.in_force = *std::move(in_force);
  return means;
}

Result<InForce> look(const Means& means) {
  const auto answer = means.actuator->run(Command::status());
  if (!answer) return fail(answer);
  if (const auto well = success(*answer); !well) return fail(well);
  auto reply = parse_reply(answer->reply);
  if (!reply) return fail(reply);
  InForce in_force;
  in_force.frozen = reply->frozen;
  for (const HelperThrottle& throttle : reply->throttles) {
    const auto path = means.aliases.path_of(throttle.target);
    auto cgroup = path ? means.identify(*path) : std::nullopt;
    if (!cgroup) continue;
    in_force.throttles.add({*std::move(cgroup),
                            {},
                            throttle.state,
                            throttle.quota,
                            throttle.original,
                            throttle.lease});
  }
  return in_force;
}

Hands::Hands(std::optional<Means> means, const std::string& state_dir,
             LogSink log)
    : means_(std::move(means)),
      path_(state_path(state_dir)),
      log_(log),
      complaints_(std::move(log)) {
  if (means_) news_.in_force = means_->in_force;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    log_(Severity::error,
         fmt::format("no thread to act or save with: {}", error.what()));
  }
}

void Hands::hand_over(const std::vector<Action>& actions,
                      const StateFile& state) {
  std::string text = to_text(state);
  const std::lock_guard lock(mutex_);
  if (actions.empty() && text == handed_over_) return;
  handed_over_ = text;
  if (!waiting_) waiting_.emplace();
  waiting_->state = std::move(text);
  add(waiting_->actions, actions);
  // What is in force changes with these.
  if (!actions.empty()) news_.in_force.reset();
  wake_.notify_one();
}

News Hands::news() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

void Hands::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Hands::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || waiting_; });
    if (!waiting_) return;
    const Work taken = *std::exchange(waiting_, std::nullopt);
    lock.unlock();
    work(taken);
    lock.lock();
  }
}

// An exception would end the thread, and the daemon with it.
void Hands::work(const Work& work) noexcept try {
  save(work.state);
  silent_ = false;
  for (const Action& action : work.actions) carry_out(action);
  if (in_doubt_ && !silent_) look_again();
} catch (const std::exception& error) {
  log_(Severity::error, fmt::format("not acted: {}", error.what()));
} catch (...) {
  log_(Severity::error, "not acted: unknown exception");
}

// Before anything is done: a plugin that dies meanwhile finds in it what it
// had begun.
void Hands::save(const std::string& state) {
  if (const auto saved = write_atomically(path_, state); !saved) {
    complaints_.raise(
        "state", Severity::error,
        "what is throttled is not saved: " + saved.error().message());
  } else {
    complaints_.settle("state", "what is throttled is saved again");
  }
}

void Hands::carry_out(const Action& action) {
  const bool renewal = std::holds_alternative<Renew>(action.verb);
  const bool request = std::holds_alternative<Reschedule>(action.verb);
  if (action.dry_run || request) {
    if (!renewal) log_(Severity::info, describe(action));
    return;
  }
  if (!means_) return;
  const CgroupId* cgroup = target_of(action.verb);
  if (renewal && !is_held(*cgroup)) return leave(*cgroup);
  const auto answer = order(action);
  settle(action, answer);
  const bool done = answer && answer->exit == actuator::Exit::done;
  if (done && is_void(action, *answer)) return leave(*cgroup);
  if (done && !renewal) log_(Severity::info, describe(action));
  in_doubt_ = in_doubt_ || !done;
  if (!cgroup) return;
  const std::lock_guard lock(mutex_);
  news_.outcomes.push_back(outcome_of(*cgroup, quota_of(action.verb), answer));
}

void Hands::leave(const CgroupId& cgroup) {
  log_(Severity::info, cgroup.path + " was given back by somebody else");
  const std::lock_guard lock(mutex_);
  news_.outcomes.push_back({cgroup, ActionOutcome::Kind::foreign, 0});
}

bool Hands::is_held(const CgroupId& cgroup) {
  if (silent_) return true;
  const auto in_force = look(*means_);
  if (!in_force) {
    silent_ = in_force.error().code == ETIMEDOUT;
    return true;  // the renewal itself will tell
  }
  return in_force->throttles.find(cgroup) != nullptr;
}

bool Hands::is_there(const CgroupId* cgroup) const {
  if (!cgroup || !means_->identify) return true;
  const auto now = means_->identify(cgroup->path);
  return now && *now == *cgroup;
}

Result<Outcome> Hands::order(const Action& action) {
  const auto command = command_of(action, means_->aliases);
  if (!command) {
    Outcome refused;
    refused.exit = actuator::Exit::refused;
    refused.words = command.error().message();
    return refused;
  }
  if (const CgroupId* cgroup = target_of(action.verb); !is_there(cgroup)) {
    Outcome gone;
    gone.exit = actuator::Exit::gone;
    return gone;
  }
  if (silent_) return fail(ETIMEDOUT, "the helper has just not answered");
  auto answer = means_->actuator->run(**command);
  silent_ = !answer && answer.error().code == ETIMEDOUT;
  return answer;
}

void Hands::settle(const Action& action, const Result<Outcome>& answer) {
  const CgroupId* cgroup = target_of(action.verb);
  const std::string key = cgroup ? cgroup->path : "host";
  const auto well = answer ? success(*answer) : Result<>(fail(answer));
  if (well) {
    complaints_.settle(key, key + ": acting on it works again");
  } else if (answer && answer->exit == actuator::Exit::gone) {
    complaints_.forget(key);
  } else {
    complaints_.raise(
        key, Severity::error,
        fmt::format("cannot {}: {}", describe(action), well.error().message()));
  }
}

void Hands::look_again() {
  const auto in_force = look(*means_);
  if (!in_force) return;  // tried again after the next action
  const std::lock_guard lock(mutex_);
  if (waiting_ && !waiting_->actions.empty()) return;
  in_doubt_ = false;
  news_.in_force = *in_force;
}

}  // namespace cpi
