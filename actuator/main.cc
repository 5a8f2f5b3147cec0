// cpi-actuator: from an untrusted caller to a few files of the cgroup file
// system and nothing else. SECURITY.md says why each step is safe.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "actuator/allow.h"
#include "actuator/confine.h"
#include "actuator/files.h"
#include "actuator/freeze.h"
#include "actuator/json.h"
#include "actuator/lock.h"
#include "actuator/paths.h"
#include "actuator/privileges.h"
#include "actuator/throttle.h"

namespace cpi::actuator {
namespace {

constexpr int kMostArguments = 8;

Exit parse(int argc, char** argv, Request* request, Report* report) {
  std::string_view arguments[kMostArguments];
  const char* problem = "too many arguments";
  if (argc <= kMostArguments) {
    for (int i = 1; i < argc; ++i) arguments[i - 1] = argv[i];
    problem =
        parse_request({arguments, static_cast<std::size_t>(argc - 1)}, request);
  }
  if (problem != nullptr) return report->say(Exit::usage, "%s", problem);
  report->add("\"verb\":\"%s\",", name_of(request->verb).data());
  return Exit::done;
}

// Root may restore without a configuration: the journal says what to restore,
// and the package that brought the configuration may be gone.
Exit configure(const Request& request, uid_t caller, Config* config,
               Report* report) {
  const char* problem = load_config(config);
  if (problem == nullptr) return Exit::done;
  bool last_resort = request.verb == Verb::restore && caller == 0;
  return report->say(last_resort ? Exit::done : Exit::config, "%s/%s: %s",
                     kConfigDirectory, kConfigFile, problem);
}

// The state directory, made if need be: nobody but root may look into it.
UniqueFd open_state() {
  UniqueFd directory = open_trusted_directory(kStateDirectory);
  if (!directory.valid() && errno == ENOENT &&
      ::mkdir(kStateDirectory, 0700) == 0)
    directory = open_trusted_directory(kStateDirectory);
  struct stat found {};
  if (directory.valid() && ::fstat(directory.get(), &found) == 0 &&
      (found.st_mode & 077) == 0)
    return directory;
  return UniqueFd();
}

Exit restore(Work* work, bool only_expired) {
  bool over = work->journal.freeze.deadline <= work->now;
  Exit thawed = only_expired && !over ? Exit::done : thaw(work);
  Exit released = release_all(work, only_expired);
  return thawed == Exit::done || released == Exit::incomplete ? released
                                                              : thawed;
}

Exit describe_status(Work* work, bool disabled) {
  work->journal.spent.forget_old(work->now);
  auto spent = static_cast<std::int64_t>(work->journal.spent.times.size);
  std::int64_t left = std::max(work->config.budget - spent, std::int64_t{0});
  describe_throttles(work);
  describe_freeze(work->journal.freeze, work->config, work->now, &work->report);
  work->report.add("\"disabled\":%s,\"budget_left\":%jd,",
                   disabled ? "true" : "false", left);
  return Exit::done;
}

// Privileges, configuration and journal are good, or we were not here; what
// remains is whether the quotas of each alias could be written.
Exit self_test(Work* work) {
  Hierarchy cpu = open_hierarchy(kCpuMounts);
  Hierarchy unified = open_hierarchy(kUnifiedMounts);
  work->report.add("\"cpu_version\":%d,\"unified\":%s,", cpu.version,
                   unified.version != 0 ? "true" : "false");
  if (cpu.version == 0)
    return work->report.say(Exit::unavailable, "no cpu controller is mounted");
  for (const Rule& rule : work->config.rules) {
    UniqueFd parent = open_cgroup(cpu, rule.parent);
    int error = parent.valid() ? probe_quota(cpu.version, parent) : errno;
    if (error == ENOENT) {
      (void)work->report.say(
          Exit::done, "alias %s: there is no such cgroup with a CPU quota yet",
          rule.alias.bytes);
    } else if (error != 0) {
      return work->report.say(Exit::unavailable,
                              "alias %s: its quota cannot be written (errno "
                              "%d); ProtectControlGroups= would do that",
                              rule.alias.bytes, error);
    }
  }
  return save(work);
}

Exit act(Work* work, const Request& request, const Verdict& verdict,
         bool disabled) {
  switch (request.verb) {
    case Verb::lower:
      return lower(work, request, *verdict.rule);
    case Verb::raise:
      return raise(work, request, *verdict.rule);
    case Verb::release:
      return request.all ? release_all(work, false)
                         : release(work, request, *verdict.rule);
    case Verb::freeze:
      return freeze(work, request);
    case Verb::thaw:
      return thaw(work);
    case Verb::restore:
      return restore(work, request.expired && !disabled);
    case Verb::status:
      return describe_status(work, disabled);
    case Verb::selftest:
      return self_test(work);
  }
  return Exit::usage;
}

Exit run(int argc, char** argv, Report* report) {
  static Config config;
  static Journal journal;
  uid_t caller = 0;
  Request request{};
  Exit exit = take_privileges(&caller, report);
  if (exit == Exit::done) exit = parse(argc, argv, &request, report);
  if (exit == Exit::done) exit = configure(request, caller, &config, report);
  if (exit != Exit::done) return exit;
  bool disabled = is_disabled();
  Verdict verdict = allow(request, caller, config, disabled);
  if (verdict.exit != Exit::done) {
    return report->say(verdict.exit, "refused: %s; see %s in %s/%s",
                       verdict.refused, verdict.key, kConfigDirectory,
                       kConfigFile);
  }
  UniqueFd state = open_state();
  if (!state.valid()) {
    return report->say(Exit::io, "%s is not a directory of root's alone",
                       kStateDirectory);
  }
  UniqueFd lock;
  bool rescue = request.verb == Verb::restore && caller == 0;
  // The journal is replaced whole, so looking at it needs no lock.
  if (request.verb != Verb::status)
    exit = take_lock(state.get(), rescue, &lock, report);
  if (exit != Exit::done) return exit;
  int landlock = 0;
  if (!confine(state, &landlock)) {
    return report->say(Exit::unavailable, "cannot confine itself (errno %d)",
                       errno);
  }
  if (request.verb == Verb::selftest) report->add("\"landlock\":%d,", landlock);
  if (!load_journal(state.get(), &journal)) {
    return report->say(Exit::journal, "%s/journal.json cannot be read",
                       kStateDirectory);
  }
  Work work{config, state.get(), boottime(), journal, *report};
  return act(&work, request, verdict, disabled);
}

}  // namespace
}  // namespace cpi::actuator

int main(int argc, char** argv) {
  using cpi::actuator::Exit;
  static cpi::actuator::Report report;
  cpi::actuator::prepare_json();
  Exit exit = argc < 2
                  ? report.say(Exit::usage, "%s", cpi::actuator::kExpectedVerb)
                  : cpi::actuator::run(argc, argv, &report);
  report.publish(exit);
  return static_cast<int>(exit);
}
