#include "actuate/order.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

namespace cpi {
namespace {

using actuator::Exit;
using Kind = ActionOutcome::Kind;

// One word for those who are refused while the host is frozen.
constexpr char kFreezeReason[] = "interference";

std::chrono::seconds whole(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration);
}

struct Translation {
  const std::string& target;

  std::optional<Command> operator()(const Lower& verb) const {
    return Command::lower(target, verb.quota, whole(verb.lease));
  }
  std::optional<Command> operator()(const Raise& verb) const {
    return Command::raise(target, verb.quota, whole(verb.lease));
  }
  std::optional<Command> operator()(const Renew& verb) const {
    return Command::lower(target, verb.quota, whole(verb.lease));
  }
  std::optional<Command> operator()(const Release&) const {
    return Command::release(target);
  }
  std::optional<Command> operator()(const Freeze& verb) const {
    return Command::freeze(whole(verb.length), kFreezeReason);
  }
  std::optional<Command> operator()(const Thaw&) const {
    return Command::thaw();
  }
  std::optional<Command> operator()(const Reschedule&) const {
    return std::nullopt;
  }
};

// What of a path is below a parent: "" for the parent itself, absent where it
// is elsewhere.
std::optional<std::string_view> below(std::string_view path,
                                      std::string_view parent) {
  if (!path.starts_with(parent)) return std::nullopt;
  path.remove_prefix(parent.size());
  if (path.empty()) return path;
  if (path.front() != '/') return std::nullopt;
  return path.substr(1);
}

std::size_t components(std::string_view child) {
  if (child.empty()) return 0;
  return 1 +
         static_cast<std::size_t>(std::count(child.begin(), child.end(), '/'));
}

Kind kind_of(Exit exit) {
  switch (exit) {
    case Exit::done:
      return Kind::done;
    case Exit::foreign:
      return Kind::foreign;
    case Exit::gone:
      return Kind::gone;
    case Exit::budget:
    case Exit::refused:
    case Exit::disabled:
    case Exit::usage:
    case Exit::config:
      return Kind::refused;
    case Exit::rolled_back:
    case Exit::incomplete:
    case Exit::journal:
    case Exit::unavailable:
    case Exit::io:
    case Exit::busy:
      return Kind::failed;
  }
  return Kind::failed;
}

}  // namespace

std::optional<std::string> Aliases::target_of(std::string_view path) const {
  for (const Alias& alias : aliases_) {
    const auto child = below(path, alias.parent);
    if (!child) continue;
    const std::size_t depth = components(*child);
    const bool allowed =
        alias.depth == 0 ? depth == 0 : depth >= 1 && depth <= alias.depth;
    if (!allowed) continue;
    return child->empty() ? alias.name : alias.name + "/" + std::string(*child);
  }
  return std::nullopt;
}

std::optional<std::string> Aliases::path_of(std::string_view target) const {
  const std::size_t slash = std::min(target.find('/'), target.size());
  for (const Alias& alias : aliases_) {
    if (alias.name != target.substr(0, slash)) continue;
    return alias.parent + std::string(target.substr(slash));
  }
  return std::nullopt;
}

Result<std::optional<Command>> command_of(const Action& action,
                                          const Aliases& aliases) {
  std::string target;
  if (const CgroupId* cgroup = target_of(action.verb)) {
    const bool for_the_helper =
        !std::holds_alternative<Reschedule>(action.verb);
    auto found = aliases.target_of(cgroup->path);
    if (for_the_helper && !found) {
      return fail(EACCES, "turn down " + cgroup->path,
                  "allow its parent, with enough depth, under \"aliases\" in "
                  "actuator.json");
    }
    target = std::move(found).value_or("");
  }
  return std::visit(Translation{target}, action.verb);
}

ActionOutcome outcome_of(const CgroupId& cgroup, Millicores quota,
                         const Result<Outcome>& answer) {
  ActionOutcome outcome;
  outcome.cgroup = cgroup;
  outcome.kind = answer ? kind_of(answer->exit) : Kind::failed;
  if (outcome.kind == Kind::done) outcome.quota = quota;
  return outcome;
}

}  // namespace cpi
