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

// Is `target` below `ancestor`?
bool is_below(const Path& target, std::string_view ancestor) {
  return target.size > ancestor.size() &&
         target.bytes[ancestor.size()] == '/' &&
         std::string_view(target.bytes, ancestor.size()) == ancestor;
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
  Path target{};
  std::string_view below = path.view();
  below.remove_prefix(above.entry->path.size + 1);
  bool fits = join(above.entry->target.view(), below, &target);
  const Entry* entry =
      fits ? find_entry(&work->journal, target.view()) : nullptr;
  bool follows = entry != nullptr && entry->follower;
  Step step;
  if (look(cpu, path, &step) != 0) return Exit::done;  // gone meanwhile
  step.next_us = above.next_us * step.held.period_us / above.held.period_us;
  bool holds_more = step.held.quota_us > step.next_us;
  if (!holds_more && !follows) return Exit::done;
  Exit exit = fits ? adopt(work, target, path, &step) : Exit::refused;
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

// Renews the leases and charges what has to be charged.
Exit settle_terms(Work* work, const Request& request, Steps* steps) {
  bool renewal = true;
  for (Step& step : *steps) {
    Entry* entry = step.entry;
    renewal = renewal && entry->deadline != 0 && entry->next_us == step.next_us;
    if (was_reverted(*entry, step.held) &&
        !entry->reapplied.spend(work->now, kMaxReapplied))
      return work->report.say(Exit::foreign,
                              "something keeps putting the original back");
    Seconds end = entry->since + work->config.longest_throttle;
    entry->deadline = std::min(work->now + request.seconds, end);
    if (entry->deadline <= work->now)
      return work->report.say(
          Exit::refused,
          "throttled for too long; the limit is \"longest_throttle\"");
  }
  return renewal ? Exit::done : charge(work);
}

void describe(const Entry& entry, Seconds now, Report* report) {
  const Quota& original = entry.original;
  bool unlimited = original.quota_us == kUnlimited;
  report->set("target", json_text(entry.target.view()));
  report->set("millicores", millicores_of(throttled(original, entry.next_us)));
  report->set("original_millicores",
              unlimited ? json_null() : json_integer(millicores_of(original)));
  report->set("lease", entry.deadline - now);
}

bool is_selected(const Entry& entry, Which which, std::string_view target,
                 Seconds now) {
  switch (which) {
    case Which::one:
      return entry.target.view() == target ||
             (entry.follower && is_below(entry.target, target));
    case Which::expired:
      return entry.deadline <= now;
    case Which::all:
      break;
  }
  return true;
}

// Parents first: a parent's path is the shorter one.
using Selection = List<Entry*, kMaxEntries>;
void select(Work* work, Which which, std::string_view target,
            Selection* selection) {
  for (Entry& entry : work->journal.entries)
    if (is_selected(entry, which, target, work->now))
      *selection->push() = &entry;
  std::sort(selection->begin(), selection->end(),
            [](const Entry* a, const Entry* b) {
              return a->path.size < b->path.size;
            });
}

// Forgets entries whose target was cleared.
Exit sweep(Work* work) {
  work->journal.entries.filter(
      [](const Entry& entry) { return entry.target.size != 0; });
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
               Entry* entry, Steps* steps) {
  bool asked_for = entry->target.view() == request.target.text;
  Step step;
  int error = look(cpu, entry->path, &step);
  if (error == 0 && step.identity != entry->identity) error = ENOENT;
  if (error != 0) return asked_for ? say_unreadable(work, error) : Exit::done;
  if (!is_ours(*entry, step.held))
    return work->report.say(Exit::foreign,
                            "somebody else has changed the quota");
  step.entry = entry;
  step.next_us = quota_of(request.millicores, step.held.period_us);
  if (!is_less(step.next_us, entry->original.quota_us))
    step.next_us = entry->original.quota_us;
  if (is_less(step.next_us, step.held.quota_us)) {
    if (!asked_for) return Exit::done;
    return work->report.say(Exit::refused,
                            "that is under the present quota; lower does it");
  }
  Seconds end = entry->since + work->config.longest_throttle;
  if (request.seconds != 0)
    entry->deadline = std::min(work->now + request.seconds, end);
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

json_t* describe_entry(const Hierarchy& cpu, const Entry& entry, Seconds now) {
  const Quota& original = entry.original;
  bool unlimited = original.quota_us == kUnlimited;
  return json_pack(
      "{s:s, s:s, s:I, s:o, s:I}", "target", entry.target.bytes, "state",
      state_of(cpu, entry), "millicores",
      json_int_t{millicores_of(throttled(original, entry.next_us))},
      "original_millicores",
      unlimited ? json_null() : json_integer(millicores_of(original)), "lease",
      json_int_t{entry.deadline - now});
}

}  // namespace

Exit lower(Work* work, const Request& request, const Rule& rule) {
  static Journal before;
  before = work->journal;
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  Path target{};
  Path path{};
  if (!target.assign(request.target.text) ||
      !join(rule.parent.view(), request.target.child, &path))
    return Exit::refused;
  Step step;
  if (int error = look(cpu, path, &step)) return say_unreadable(work, error);
  step.next_us = quota_of(request.millicores, step.held.period_us);
  if (is_less(step.held.quota_us, step.next_us))
    return work->report.say(Exit::refused,
                            "that is above the present quota; raise does it");
  Exit exit = adopt(work, target, path, &step);
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
  if (exit == Exit::done) describe(entry, work->now, &work->report);
  return exit;
}

Exit raise(Work* work, const Request& request) {
  static Journal before;
  before = work->journal;
  Entry* entry = find_entry(&work->journal, request.target.text);
  if (entry == nullptr)
    return work->report.say(Exit::done, "not throttled: nothing to raise");
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  Selection selection{};
  Steps steps{};
  select(work, Which::one, request.target.text, &selection);
  for (Entry* selected : selection) {
    Exit exit = plan_rise(work, cpu, request, selected, &steps);
    if (exit != Exit::done) return exit;
  }
  Exit exit = apply(work, cpu.version, before, &steps);
  if (exit != Exit::done) return exit;
  describe(*entry, work->now, &work->report);
  for (Step& step : steps)
    if (step.next_us == step.entry->original.quota_us)
      step.entry->target.size = 0;
  return sweep(work);
}

Exit release(Work* work, Which which, std::string_view target) {
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  Selection selection{};
  select(work, which, target, &selection);
  std::int64_t restored = 0;
  std::int64_t foreign = 0;
  std::int64_t gone = 0;
  std::int64_t stuck = 0;
  for (Entry* entry : selection) {
    Exit exit = put_back(work, cpu, *entry);
    if (exit == Exit::incomplete)
      ++stuck;
    else
      entry->target.size = 0;
    restored += exit == Exit::done ? 1 : 0;
    foreign += exit == Exit::foreign ? 1 : 0;
    gone += exit == Exit::gone ? 1 : 0;
  }
  work->report.set("restored", restored);
  work->report.set("foreign", foreign);
  work->report.set("gone", gone);
  work->report.set("stuck", stuck);
  if (selection.size != 0 && sweep(work) != Exit::done) return Exit::io;
  if (stuck != 0) return Exit::incomplete;
  if (foreign != 0)
    return work->report.say(Exit::foreign,
                            "left alone what somebody else has changed");
  if (gone != 0 && which == Which::one)
    return work->report.say(Exit::gone, "the cgroup is gone");
  return Exit::done;
}

void describe_throttles(const Journal& journal, Seconds now, Report* report) {
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  json_t* array = json_array();
  for (const Entry& entry : journal.entries) {
    if (json_array_append_new(array, describe_entry(cpu, entry, now)) == 0)
      continue;
    json_decref(array);  // no memory: rather no list than a part of one
    array = nullptr;
  }
  report->set("throttles", array);
}

}  // namespace cpi::actuator
