#include "actuator/freeze.h"

#include <algorithm>
#include <cerrno>

namespace cpi::actuator {
namespace {

constexpr const char* kLimit = "cgroup.max.descendants";
constexpr std::string_view kNoLimit = "max";

int read_limit(const UniqueFd& parent, std::int64_t* limit) {
  Value value{};
  *limit = kUnlimited;
  int error = read_value(parent, kLimit, &value);
  if (error != 0 || value.view() == kNoLimit) return error;
  return to_number(value.view(), limit) && *limit >= 0 ? 0 : EIO;
}

int change_limit(const UniqueFd& parent, std::int64_t limit) {
  Value value = to_value(limit);
  if (limit == kUnlimited && !value.assign(kNoLimit)) return EIO;
  int error = write_value(parent, kLimit, value);
  std::int64_t held = 0;
  if (error == 0) error = read_limit(parent, &held);
  if (error != 0) return error;
  return held == limit ? 0 : EIO;
}

// Pins a parent that is held; ENOENT as well when it was made anew.
int open_held(const Hierarchy& unified, const Held& held, UniqueFd* parent) {
  Identity identity{};
  if (unified.version == 0) return ENOSYS;
  *parent = open_cgroup(unified, held.path);
  if (!parent->valid() || !identify(*parent, &identity)) return errno;
  return identity == held.identity ? 0 : ENOENT;
}

// What the kernel is to hold: every exclusive parent that v2 has.
int plan_held(const Hierarchy& unified, const Config& config, Freeze* freeze) {
  if (unified.error != 0) return unified.error;
  for (const Rule& rule : config.rules) {
    if (!rule.exclusive || unified.version == 0) continue;
    UniqueFd parent = open_cgroup(unified, rule.parent);
    if (!parent.valid() && errno == ENOENT) continue;
    Held* held = freeze->held.push();
    if (held == nullptr) return E2BIG;
    held->path = rule.parent;
    if (!parent.valid() || !identify(parent, &held->identity)) return errno;
    if (int error = read_limit(parent, &held->original)) return error;
  }
  return 0;
}

bool add_pod(std::string_view name, Freeze* freeze) {
  PodUid uid{};
  if (!find_pod_uid(name, &uid)) return true;
  PodUid* place = freeze->pods.push();
  if (place != nullptr) *place = uid;
  return place != nullptr;
}

// The pods that exist now, directly below a parent or below one of its
// children, as the kubelet's quality-of-service classes are.
int collect_pods(const Hierarchy& cpu, const Path& parent, Freeze* freeze,
                 int levels = 2) {
  static Names level[2];
  Names& names = level[levels - 1];
  UniqueFd cgroup = open_cgroup(cpu, parent);
  if (!cgroup.valid()) return errno == ENOENT ? 0 : errno;
  if (int error = list_children(cgroup, &names)) return error;
  for (const Name& name : names) {
    if (!add_pod(name.view(), freeze)) return E2BIG;
    Path child = parent;
    if (levels == 1 || !child.append("/") || !child.append(name.view()))
      continue;
    if (int error = collect_pods(cpu, child, freeze, levels - 1)) return error;
  }
  return 0;
}

// Puts the limits back, last first. done, foreign or incomplete.
Exit let_go(Work* work, const Freeze& freeze) {
  Hierarchy unified = open_hierarchy(kUnifiedMounts);
  Exit exit = Exit::done;
  for (std::size_t i = freeze.held.size; i-- > 0;) {
    const Held& held = freeze.held.items[i];
    UniqueFd parent;
    std::int64_t now = 0;
    int error = open_held(unified, held, &parent);
    if (error == 0) error = read_limit(parent, &now);
    if (error == 0 && now != 0 && now != held.original) {
      if (exit == Exit::done) exit = Exit::foreign;
      continue;
    }
    if (error == 0) error = change_limit(parent, held.original);
    if (error != 0 && outcome_of(error) != Exit::gone) {
      exit = work->report.say(
          Exit::incomplete,
          "cgroup.max.descendants could not be put back (errno %d)", error);
    }
  }
  return exit;
}

// Journals the freeze and lowers the limits; undoes both when one fails.
Exit begin(Work* work, const Freeze& before) {
  Freeze& freeze = work->journal.freeze;
  Hierarchy unified = open_hierarchy(kUnifiedMounts);
  if (save(work) != Exit::done) return Exit::io;
  for (const Held& held : freeze.held) {
    UniqueFd parent;
    int error = open_held(unified, held, &parent);
    if (error == 0) error = change_limit(parent, 0);
    if (error == 0) continue;
    if (let_go(work, freeze) == Exit::incomplete) return Exit::incomplete;
    freeze = before;
    (void)save(work);
    return work->report.say(outcome_of(error), "the kernel refused (errno %d)",
                            error);
  }
  return Exit::done;
}

}  // namespace

bool is_frozen(const Freeze& freeze, Seconds now) {
  return freeze.on && now < freeze.deadline;
}

Exit freeze(Work* work, const Request& request) {
  static Freeze before;
  Journal& journal = work->journal;
  if (is_frozen(journal.freeze, work->now)) {
    describe_freeze(journal.freeze, work->config, work->now, &work->report);
    return Exit::done;
  }
  Exit exit = thaw(work);
  if (exit == Exit::incomplete || exit == Exit::io) return exit;
  if (journal.freeze_ended != 0 &&
      work->now < journal.freeze_ended + work->config.freeze_gap) {
    return work->report.say(Exit::budget,
                            "too soon after the last one; \"freeze_gap\"");
  }
  exit = charge(work);
  if (exit != Exit::done) return exit;
  before = journal.freeze;
  journal.freeze.on = true;
  journal.freeze.deadline = work->now + request.seconds;
  int error = journal.freeze.reason.assign(request.reason) ? 0 : EINVAL;
  if (error == 0) {
    error = plan_held(open_hierarchy(kUnifiedMounts), work->config,
                      &journal.freeze);
  }
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  if (error == 0) error = cpu.error;
  for (const Rule& rule : work->config.rules) {
    if (error == 0 && cpu.version != 0)
      error = collect_pods(cpu, rule.parent, &journal.freeze);
  }
  if (error != 0) {
    return work->report.say(outcome_of(error),
                            "cannot see what there is to freeze (errno %d)",
                            error);
  }
  exit = begin(work, before);
  describe_freeze(journal.freeze, work->config, work->now, &work->report);
  return exit;
}

Exit thaw(Work* work) {
  Freeze& freeze = work->journal.freeze;
  if (!freeze.on) return Exit::done;
  Exit exit = let_go(work, freeze);
  if (exit == Exit::incomplete) return exit;
  work->journal.freeze_ended = std::min(work->now, freeze.deadline);
  std::memset(&freeze, 0, sizeof freeze);
  if (save(work) != Exit::done) return Exit::io;
  if (exit == Exit::foreign) {
    return work->report.say(exit,
                            "somebody else has changed cgroup.max.descendants");
  }
  return exit;
}

void describe_freeze(const Freeze& freeze, const Config& config, Seconds now,
                     Report* report) {
  bool frozen = is_frozen(freeze, now);
  report->add("\"frozen\":%jd,", frozen ? freeze.deadline - now : 0);
  if (!frozen) return;
  // On a hybrid host container runtimes ignore an error from the v2 tree, so
  // the kernel's refusal there stops nobody.
  bool kernel = open_hierarchy(kCpuMounts).version == 2 &&
                config.rules.size != 0 && freeze.held.size == config.rules.size;
  report->add("\"reason\":\"%s\",\"enforced\":\"%s\",", freeze.reason.bytes,
              kernel ? "kernel+hook" : "hook");
}

bool find_pod_uid(std::string_view path, PodUid* uid) {
  constexpr std::string_view kMark = "pod";
  for (std::size_t at = path.find(kMark); at != std::string_view::npos;
       at = path.find(kMark, at + 1)) {
    std::string_view rest = path;
    rest.remove_prefix(at + kMark.size());
    // A UUID, with '-' or '_' in it, or the hash of a static pod.
    std::size_t length = rest.find_first_not_of("0123456789abcdef-_");
    if (length == std::string_view::npos) length = rest.size();
    if ((length != 36 && length != 32) || !uid->assign({rest.data(), length}))
      continue;
    std::replace(uid->bytes, uid->bytes + length, '_', '-');
    return true;
  }
  return false;
}

}  // namespace cpi::actuator
