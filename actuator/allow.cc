#include "actuator/allow.h"

#include <utility>

namespace cpi::actuator {
namespace {

constexpr Verdict yes(const Rule* rule) {
  return {Exit::done, rule, nullptr, nullptr};
}

constexpr Verdict no(const char* refused, const char* key) {
  return {Exit::refused, nullptr, refused, key};
}

bool is_caller(uid_t uid, const Config& config) {
  if (uid == 0) return true;
  for (uid_t caller : config.callers)
    if (caller == uid) return true;
  return false;
}

Verdict allow_target(const Target& target, const Config& config) {
  const Rule* rule = nullptr;
  for (const Rule& candidate : config.rules)
    if (candidate.alias.view() == target.alias) rule = &candidate;
  if (rule == nullptr) return no("the target's alias is unknown", "aliases");
  if (std::cmp_greater(target.depth, rule->depth))
    return no("the target is too deep below its alias", "aliases.ALIAS.depth");
  if (target.depth == 0 && rule->depth != 0) {
    return no("the alias itself is not a target (with depth 0 it is)",
              "aliases.ALIAS.depth");
  }
  // Rule and target are bounded singly; together they must fit one path.
  if (rule->parent.size + target.text.size() > kMaxTargetBytes)
    return no("the target's whole path is too long", "aliases.ALIAS.cgroup");
  return yes(rule);
}

Verdict allow_change(const Request& request, const Config& config) {
  Verdict verdict = allow_target(request.target, config);
  if (verdict.exit != Exit::done) return verdict;
  if (request.millicores < verdict.rule->floor)
    return no("the quota is under the floor", "aliases.ALIAS.floor_millicores");
  if (request.seconds > config.longest_lease)
    return no("the lease is too long", "longest_lease");
  return verdict;
}

}  // namespace

Verdict allow(const Request& request, uid_t caller, const Config& config,
              bool disabled) {
  if (!is_caller(caller, config)) return no("the calling user", "callers");
  bool takes = request.verb == Verb::lower || request.verb == Verb::freeze;
  if (takes && disabled) {
    return {Exit::disabled, nullptr, "lower and freeze",
            "(the file \"disabled\" beside it)"};
  }
  switch (request.verb) {
    case Verb::lower:
    case Verb::raise:
      return allow_change(request, config);
    case Verb::release:
      return request.all ? yes(nullptr) : allow_target(request.target, config);
    case Verb::freeze:
      if (request.seconds > config.longest_freeze)
        return no("the freeze is too long", "longest_freeze");
      return yes(nullptr);
    case Verb::thaw:
    case Verb::restore:
    case Verb::status:
    case Verb::selftest:
      break;
  }
  return yes(nullptr);
}

}  // namespace cpi::actuator
