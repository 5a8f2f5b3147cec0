#include "actuator/throttle.h"

#include <algorithm>
#include <cerrno>

#include "actuator/change.h"

namespace cpi::actuator {
namespace {

[[nodiscard]] bool join(std::string_view parent, std::string_view child,
                        Path* path) {
  return path->assign(parent) &&
         (child.empty() || (path->append("/") && path->append(child)));
}

// Is `path` below `ancestor`?
bool is_below(const Path& path, const Path& ancestor) {
  return path.size > ancestor.size && path.bytes[ancestor.size] == '/' &&
         std::string_view(path.bytes, ancestor.size) == ancestor.view();
}

// The cgroup that a target means, and the target that means a cgroup. Both
// fit, or the request had not been allowed.
Path path_of(const Rule& rule, const Target& target) {
  Path path{};
  (void)join(rule.parent.view(), target.child, &path);
  return path;
}

Path target_of(const Config& config, const Path& path) {
  Path target{};
  for (const Rule& rule : config.rules) {
    std::string_view child = path.view();
    if (child == rule.parent.view()) (void)target.assign(rule.alias.view());
    if (!is_below(path, rule.parent)) continue;
    child.remove_prefix(rule.parent.size + 1);
    (void)join(rule.alias.view(), child, &target);
  }
  return target;
}

// Every cgroup below the first, which is given; parents before children.
using Paths = List<Path, 256>;
int descend(const Hierarchy& cpu, Paths* paths) {
  static Names names;
  for (std::size_t i = 0; i < paths->size; ++i) {
    UniqueFd cgroup = open_cgroup(cpu, paths->items[i]);
    if (!cgroup.valid() && errno == ENOENT) continue;
    if (!cgroup.valid()) return errno;
    if (int error = list_children(cgroup, &names)) return error;
    for (const Name& name : names) {
      Path* child = paths->push();
      if (child == nullptr || !join(paths->items[i].view(), name.view(), child))
        return E2BIG;
    }
  }
  return 0;
}

// Makes `path`, a descendant of `above`, a step if it holds more than `above`
// will, or followed it down earlier.
Exit plan_descendant(Work* work, const Hierarchy& cpu, const Path& path,
                     const Step& above, Steps* steps) {
  const Entry* entry = find_entry(&work->journal, path);
  bool follows = entry != nullptr && entry->follower;
  Step step;
  if (look(cpu, path, &step) != 0) return Exit::done;  // gone meanwhile
  step.next_us = above.next_us * step.held.period_us / above.held.period_us;
  bool holds_more = step.held.quota_us > step.next_us;
  if (!holds_more && !follows) return Exit::done;
  if (!holds_more) step.next_us = step.held.quota_us;
  Exit exit = adopt(work, path, &step);
  if (entry == nullptr && exit == Exit::done) step.entry->follower = true;
  Step* place = steps->push();
  if (exit == Exit::done && place == nullptr) exit = Exit::refused;
  if (exit != Exit::done)
    return work->report.say(exit, "a descendant stands in the way");
  *place = std::move(step);
  return Exit::done;
}

// What must be lowered before `above` can be, leaves first.
Exit plan_descendants(Work* work, const Hierarchy& cpu, const Step& above,
                      Steps* steps) {
  static Paths paths;
  paths.size = 0;
  *paths.push() = above.entry->path;
  if (int error = descend(cpu, &paths))
    return work->report.say(outcome_of(error), "cannot list the descendants");
  for (std::size_t i = paths.size; --i > 0;) {
    Exit exit = plan_descendant(work, cpu, paths.items[i], above, steps);
    if (exit != Exit::done) return exit;
  }
  return Exit::done;
}

// False when the throttle has lasted for as long as it may.
bool renew(Entry* entry, Seconds now, Seconds lease, const Config& config) {
  Seconds end = entry->since + config.longest_throttle;
  entry->deadline = std::min(now + lease, end);
  return entry->deadline > now;
}

// Renews the leases and charges what has to be charged.
Exit settle_terms(Work* work, const Request& request, Steps* steps) {
  bool renewal = true;
  for (Step& step : *steps) {
    Entry* entry = step.entry;
    renewal = renewal && entry->deadline != 0 && entry->next_us == step.next_us;
    if (was_reverted(*entry, step.held) &&
        !entry->reapplied.spend(work->now, kMaxReapplied)) {
      return work->report.say(Exit::foreign,
                              "something keeps putting the original back");
    }
    Seconds own = entry->deadline;
    if (!renew(entry, work->now, request.seconds, work->config)) {
      return work->report.say(
          Exit::refused,
          "throttled for too long; the limit is \"longest_throttle\"");
    }
    // A descendant with a lease of its own keeps it if it is the longer one.
    bool asked_for = &step == steps->end() - 1;
    if (!asked_for && !entry->follower)
      entry->deadline = std::max(own, entry->deadline);
  }
  return renewal ? Exit::done : charge(work);
}

// What is in force; no comma after it.
void describe_terms(const Entry& entry, Work* work) {
  const Quota now = throttled(entry.original, entry.next_us);
  const Value original = to_value(millicores_of(entry.original));
  bool limited = entry.original.quota_us != kUnlimited;
  work->report.add(
      "\"millicores\":%jd,\"original_millicores\":%s,\"lease\":%jd",
      millicores_of(now), limited ? original.bytes : "null",
      entry.deadline - work->now);
}

void describe(const Request& request, const Entry& entry, Work* work) {
  std::string_view target = request.target.text;
  work->report.add("\"target\":\"%.*s\",", static_cast<int>(target.size()),
                   target.data());
  describe_terms(entry, work);
  work->report.add(",");
}

bool is_or_follows(const Entry& entry, const Path& path) {
  return entry.path.view() == path.view() ||
         (entry.follower && is_below(entry.path, path));
}

// Forgets entries whose path was cleared.
Exit sweep(Work* work) {
  work->journal.entries.filter(
      [](const Entry& entry) { return entry.path.size != 0; });
  return save(work);
}

// done, foreign, gone, or incomplete: still throttled.
Exit put_back(Work* work, const Hierarchy& cpu, const Entry& entry) {
  Step step;
  int error = look(cpu, entry.path, &step);
  if (error == 0 && step.identity != entry.identity) return Exit::gone;
  if (error == 0 && !is_ours(entry, step.held)) return Exit::foreign;
  if (error == 0)
    error = change_quota(cpu.version, step.cgroup, entry.original);
  if (error == 0) return Exit::done;
  if (outcome_of(error) == Exit::gone) return Exit::gone;
  return work->report.say(
      Exit::incomplete, "an original could not be put back (errno %d)%s", error,
      error == EINVAL ? "; an ancestor is throttled" : "");
}

// The step of one entry on the way up.
Exit plan_rise(Work* work, const Hierarchy& cpu, const Request& request,
               bool asked_for, Entry* entry, Steps* steps) {
  Step step;
  int error = look(cpu, entry->path, &step);
  if (error == 0 && step.identity != entry->identity) error = ENOENT;
  if (error != 0) return asked_for ? say_unreadable(work, error) : Exit::done;
  if (!is_ours(*entry, step.held)) {
    return work->report.say(Exit::foreign,
                            "somebody else has changed the quota");
  }
  step.entry = entry;
  step.next_us = quota_of(request.millicores, step.held.period_us);
  if (!is_less(step.next_us, entry->original.quota_us))
    step.next_us = entry->original.quota_us;
  if (is_less(step.next_us, step.held.quota_us)) {
    if (!asked_for) return Exit::done;
    return work->report.say(Exit::refused,
                            "that is under the present quota; lower does it");
  }
  // What only gives back is not refused, however long it has lasted.
  if (request.seconds != 0)
    (void)renew(entry, work->now, request.seconds, work->config);
  Step* place = steps->push();
  if (place == nullptr) return work->report.say(Exit::refused, "too many");
  *place = std::move(step);
  return Exit::done;
}

const char* state_of(const Hierarchy& cpu, const Entry& entry) {
  Step step;
  if (look(cpu, entry.path, &step) != 0 || step.identity != entry.identity)
    return "gone";
  if (!is_ours(entry, step.held)) return "foreign";
  return was_reverted(entry, step.held) ? "reverted" : "ours";
}

}  // namespace

Exit lower(Work* work, const Request& request, const Rule& rule) {
  static Journal before;
  before = work->journal;
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  const Path path = path_of(rule, request.target);
  Step step;
  if (int error = look(cpu, path, &step)) return say_unreadable(work, error);
  step.next_us = quota_of(request.millicores, step.held.period_us);
  if (is_less(step.held.quota_us, step.next_us)) {
    return work->report.say(Exit::refused,
                            "that is above the present quota; raise does it");
  }
  Exit exit = adopt(work, path, &step);
  if (exit != Exit::done) return exit;
  step.entry->follower = false;
  Entry& entry = *step.entry;
  Steps steps{};
  if (rule.recursive && refuses_larger_descendants(cpu.version))
    exit = plan_descendants(work, cpu, step, &steps);
  Step* last = steps.push();
  if (exit == Exit::done && last == nullptr)
    return work->report.say(Exit::refused, "too many descendants");
  if (exit != Exit::done) return exit;
  *last = std::move(step);
  exit = settle_terms(work, request, &steps);
  if (exit == Exit::done) exit = apply(work, cpu.version, before, &steps);
  if (exit == Exit::done) describe(request, entry, work);
  return exit;
}

Exit raise(Work* work, const Request& request, const Rule& rule) {
  static Journal before;
  before = work->journal;
  const Path path = path_of(rule, request.target);
  const Entry* entry = find_entry(&work->journal, path);
  if (entry == nullptr)
    return work->report.say(Exit::done, "not throttled: nothing to raise");
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  Steps steps{};
  for (Entry& each : work->journal.entries) {
    if (!is_or_follows(each, path)) continue;
    Exit exit = plan_rise(work, cpu, request, &each == entry, &each, &steps);
    if (exit != Exit::done) return exit;
  }
  Exit exit = apply(work, cpu.version, before, &steps);
  if (exit != Exit::done) return exit;
  describe(request, *entry, work);
  for (Step& step : steps) {
    if (step.next_us == step.entry->original.quota_us)
      step.entry->path.size = 0;
  }
  return sweep(work);
}

namespace {

// Puts the originals of some entries back and forgets them. `one`: a cgroup
// that is gone is worth an exit status of its own.
template <class Wanted>
Exit release_some(Work* work, bool one, Wanted is_wanted) {
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  int restored = 0;
  int foreign = 0;
  int gone = 0;
  int stuck = 0;
  for (Entry& entry : work->journal.entries) {
    if (!is_wanted(entry)) continue;
    Exit exit = put_back(work, cpu, entry);
    stuck += exit == Exit::incomplete ? 1 : 0;
    restored += exit == Exit::done ? 1 : 0;
    foreign += exit == Exit::foreign ? 1 : 0;
    gone += exit == Exit::gone ? 1 : 0;
    if (exit != Exit::incomplete) entry.path.size = 0;
  }
  work->report.add("\"restored\":%d,\"foreign\":%d,\"gone\":%d,\"stuck\":%d,",
                   restored, foreign, gone, stuck);
  bool forgotten = restored + foreign + gone != 0;
  if (forgotten && sweep(work) != Exit::done) return Exit::io;
  if (stuck != 0) return Exit::incomplete;
  if (foreign != 0) {
    return work->report.say(Exit::foreign,
                            "left alone what somebody else has changed");
  }
  if (gone != 0 && one)
    return work->report.say(Exit::gone, "the cgroup is gone");
  return Exit::done;
}

}  // namespace

Exit release(Work* work, const Request& request, const Rule& rule) {
  const Path path = path_of(rule, request.target);
  return release_some(work, true,
                      [&](const Entry& e) { return is_or_follows(e, path); });
}

Exit release_all(Work* work, bool only_expired) {
  return release_some(work, false, [&](const Entry& e) {
    return !only_expired || e.deadline <= work->now;
  });
}

void describe_throttles(Work* work) {
  constexpr std::size_t kWithoutTarget = 200;  // bytes of one, at most
  static_assert(kMaxEntries * (kMaxTargetBytes + kWithoutTarget) <
                kMaxReplyBytes / 2);
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  const char* separator = "";
  work->report.add("\"throttles\":[");
  for (const Entry& entry : work->journal.entries) {
    work->report.add("%s{\"target\":\"%s\",\"state\":\"%s\",", separator,
                     target_of(work->config, entry.path).bytes,
                     state_of(cpu, entry));
    describe_terms(entry, work);
    work->report.add("}");
    separator = ",";
  }
  work->report.add("],");
}

}  // namespace cpi::actuator
