#include "actuator/change.h"

#include <cerrno>

namespace cpi::actuator {
namespace {

// Undoes steps [0, count), last first. False when one could not be undone.
bool roll_back(int version, const Steps& steps, std::size_t count) {
  bool undone = true;
  while (count-- > 0) {
    const Step& step = steps.items[count];
    int error = change_quota(version, step.cgroup, step.held);
    undone = undone && (error == 0 || outcome_of(error) == Exit::gone);
  }
  return undone;
}

}  // namespace

int look(const Hierarchy& cpu, const Path& path, Step* step) {
  if (cpu.version == 0) return cpu.error != 0 ? cpu.error : ENOSYS;
  step->cgroup = open_cgroup(cpu, path);
  if (!step->cgroup.valid() || !identify(step->cgroup, &step->identity))
    return errno;
  return read_quota(cpu.version, step->cgroup, &step->held);
}

Exit say_unreadable(Work* work, int error) {
  if (outcome_of(error) == Exit::gone) {
    return work->report.say(Exit::gone,
                            "there is no such cgroup with a CPU quota here");
  }
  return work->report.say(Exit::unavailable,
                          "the quota cannot be read (errno %d); it needs Linux "
                          "5.6 and a mounted cpu controller",
                          error);
}

Entry* find_entry(Journal* journal, const Path& path) {
  for (Entry& entry : journal->entries)
    if (entry.path.view() == path.view()) return &entry;
  return nullptr;
}

Exit adopt(Work* work, const Path& path, Step* step) {
  Entry* entry = find_entry(&work->journal, path);
  step->entry = entry;
  if (entry != nullptr && entry->identity == step->identity) {
    if (is_ours(*entry, step->held)) return Exit::done;
    return work->report.say(Exit::foreign,
                            "somebody else has changed the quota");
  }
  if (entry == nullptr) entry = work->journal.entries.push();
  if (entry == nullptr) {
    return work->report.say(Exit::refused, "%zu cgroups are throttled already",
                            kMaxEntries);
  }
  *entry = {};
  entry->path = path;
  entry->identity = step->identity;
  entry->original = step->held;
  entry->previous_us = entry->next_us = step->held.quota_us;
  entry->since = work->now;
  step->entry = entry;
  return Exit::done;
}

bool is_ours(const Entry& entry, const Quota& held) {
  const Quota& original = entry.original;
  const std::int64_t ours[] = {original.quota_us, entry.previous_us,
                               entry.next_us};
  bool quota = false;
  bool burst = false;
  for (std::int64_t quota_us : ours) {
    quota = quota || held.quota_us == quota_us;
    burst = burst || held.burst_us == burst_under(quota_us, original);
  }
  return quota && burst && held.period_us == original.period_us;
}

bool was_reverted(const Entry& entry, const Quota& held) {
  return held.quota_us == entry.original.quota_us &&
         held.quota_us != entry.next_us;
}

Quota throttled(const Quota& original, std::int64_t quota_us) {
  return {quota_us, original.period_us, burst_under(quota_us, original)};
}

Exit apply(Work* work, int version, const Journal& before, Steps* steps) {
  for (Step& step : *steps) {
    step.entry->previous_us = step.held.quota_us;
    step.entry->next_us = step.next_us;
  }
  if (save(work) != Exit::done) return Exit::io;
  for (std::size_t i = 0; i < steps->size; ++i) {
    const Step& step = steps->items[i];
    int error = change_quota(version, step.cgroup,
                             throttled(step.entry->original, step.next_us));
    if (error == 0) continue;
    if (!roll_back(version, *steps, i + 1)) {
      return work->report.say(Exit::incomplete,
                              "half done (errno %d); run restore", error);
    }
    work->journal = before;
    (void)save(work);
    return work->report.say(
        outcome_of(error), "the kernel refused (errno %d)%s", error,
        error == EINVAL ? "; a descendant may hold more: \"recursive\"" : "");
  }
  return Exit::done;
}

}  // namespace cpi::actuator
