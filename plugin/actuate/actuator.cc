#include "actuate/actuator.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace cpi {
namespace {

using actuator::Exit;
using actuator::Verb;

struct Meaning {
  int code;
  const char* remedy;
};

Meaning meaning_of(Exit exit) {
  switch (exit) {
    case Exit::done:
      return {0, ""};
    case Exit::rolled_back:
      return {EINVAL, "see \"recursive\" in actuator.json"};
    case Exit::foreign:
      return {EEXIST, "find out what else sets this quota"};
    case Exit::gone:
      return {ENOENT, ""};
    case Exit::incomplete:
      return {EIO, "run cpi-actuator restore as root"};
    case Exit::usage:
      return {EINVAL, "plugin and helper may be of different versions"};
    case Exit::journal:
      return {EIO, "move journal.json in /run/collectd-cpi out of the way"};
    case Exit::unavailable:
      return {EPERM, "run cpi-actuator selftest as collectd's user"};
    case Exit::io:
      return {EIO, "is there room and write access in /run/collectd-cpi?"};
    case Exit::busy:
      return {EBUSY, "run cpi-actuator restore as root if this persists"};
    case Exit::budget:
      return {EDQUOT, "see \"budget_per_hour\" in actuator.json"};
    case Exit::refused:
      return {EACCES, "see /etc/collectd-cpi/actuator.json"};
    case Exit::config:
      return {EINVAL, "correct /etc/collectd-cpi/actuator.json"};
    case Exit::disabled:
      return {ECANCELED, "remove /etc/collectd-cpi/disabled"};
  }
  return {EPROTO, "plugin and helper may be of different versions"};
}

Command of(Verb verb) {
  Command command;
  command.verb = verb;
  return command;
}

}  // namespace

Command Command::lower(std::string target, std::int64_t millicores,
                       std::chrono::seconds lease) {
  Command command = of(Verb::lower);
  command.target = std::move(target);
  command.millicores = millicores;
  command.period = lease;
  return command;
}

Command Command::raise(std::string target, std::int64_t millicores,
                       std::chrono::seconds lease) {
  Command command = lower(std::move(target), millicores, lease);
  command.verb = Verb::raise;
  return command;
}

Command Command::release(std::string target) {
  Command command = of(Verb::release);
  command.target = std::move(target);
  return command;
}

Command Command::release_all() { return of(Verb::release); }

Command Command::freeze(std::chrono::seconds period, std::string reason) {
  Command command = of(Verb::freeze);
  command.period = period;
  command.reason = std::move(reason);
  return command;
}

Command Command::thaw() { return of(Verb::thaw); }

Command Command::restore(bool only_expired) {
  Command command = of(Verb::restore);
  command.expired = only_expired;
  return command;
}

Command Command::status() { return of(Verb::status); }

Command Command::self_test() { return of(Verb::selftest); }

Result<> success(const Outcome& outcome) {
  if (outcome.exit == Exit::done) return {};
  Meaning meaning = meaning_of(outcome.exit);
  std::string what = outcome.words;
  if (what.empty()) what = "cpi-actuator";
  while (!what.empty() && what.back() == '\n') what.pop_back();
  return fail(meaning.code, std::move(what), meaning.remedy);
}

bool is_switched_off(const std::string& configuration) {
  std::error_code error;
  return std::filesystem::exists(
      std::filesystem::path(configuration).replace_filename("disabled"), error);
}

}  // namespace cpi
