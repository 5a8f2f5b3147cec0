#include "policy/words.h"

#include <fmt/format.h>

#include <array>

namespace cpi {
namespace {

// In the order of the variant.
constexpr std::array<std::string_view, std::variant_size_v<Verb>> kNames = {
    "lower", "raise", "renew", "release", "freeze", "thaw", "reschedule"};

double cpus(Millicores quota) { return static_cast<double>(quota) / 1000; }

struct Words {
  std::string operator()(const Lower& verb) const {
    return fmt::format("lower {} from {:.3g} to {:.3g} CPUs for {:.0f} s",
                       verb.cgroup.path, cpus(verb.before), cpus(verb.quota),
                       to_seconds(verb.lease));
  }
  std::string operator()(const Raise& verb) const {
    return fmt::format("raise {} from {:.3g} to {:.3g} CPUs for {:.0f} s",
                       verb.cgroup.path, cpus(verb.before), cpus(verb.quota),
                       to_seconds(verb.lease));
  }
  std::string operator()(const Renew& verb) const {
    return fmt::format("keep {} at {:.3g} CPUs for {:.0f} s", verb.cgroup.path,
                       cpus(verb.quota), to_seconds(verb.lease));
  }
  std::string operator()(const Release& verb) const {
    return fmt::format("release {} from {:.3g} CPUs", verb.cgroup.path,
                       cpus(verb.before));
  }
  std::string operator()(const Freeze& verb) const {
    return fmt::format("close this host to new batch containers for {:.0f} s",
                       to_seconds(verb.length));
  }
  std::string operator()(const Thaw&) const {
    return "open this host to batch containers again";
  }
  std::string operator()(const Reschedule& verb) const {
    return fmt::format("ask for {} to be moved to another host",
                       verb.cgroup.path);
  }
};

std::string evidence(const Why& why) {
  if (why.service.empty()) return {};
  std::string text =
      fmt::format(" ({}: {} {:+.1f} standard deviations", why.service,
                  to_string(why.signal), why.deviation);
  if (why.correlation != 0) {
    text += fmt::format(", correlation {:.2f}", why.correlation);
  }
  return text + ")";
}

}  // namespace

std::string_view name_of(const Verb& verb) { return kNames[verb.index()]; }

std::string describe(const Action& action) {
  return fmt::format("{}{}: {}{}", action.dry_run ? "would " : "",
                     std::visit(Words{}, action.verb),
                     to_string(action.why.reason), evidence(action.why));
}

}  // namespace cpi
