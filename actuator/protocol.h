// The whole contract between the plugin and the setuid helper: what may be
// asked, within which limits, and what the answers mean. Nothing else is shared
// between the two.
//
//   cpi-actuator lower TARGET MILLICORES --lease SECONDS
//   cpi-actuator raise TARGET MILLICORES [--lease SECONDS]
//   cpi-actuator release TARGET | --all
//   cpi-actuator freeze SECONDS --reason WORD
//   cpi-actuator thaw
//   cpi-actuator restore [--expired]
//   cpi-actuator status
//   cpi-actuator selftest
//
// TARGET is ALIAS[/COMPONENT…]: the alias stands for a parent cgroup that root
// has allowed, the components name a cgroup below it. Quotas are in thousandths
// of a CPU; the helper multiplies by the period it finds in the cgroup.
//
// The exit status is the outcome. Standard output is one line of JSON with the
// fields named below, standard error says in words what was refused and which
// line of the configuration would allow it. Death by a signal leaves the
// outcome open: what the journal holds, `restore` puts back.
#ifndef CPI_ACTUATOR_PROTOCOL_H_
#define CPI_ACTUATOR_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cpi::actuator {

enum class Verb {
  lower,    // set a smaller quota for the length of the lease, or renew it
  raise,    // set a larger one, at most the original
  release,  // put the original back
  freeze,   // no new batch workload may start for a while
  thaw,     // end that early
  restore,  // put everything back, or what has expired, after a crash as well
  status,   // what is in force; takes no lock, changes nothing
  selftest  // can this installation work? changes nothing
};

inline constexpr std::string_view kVerbNames[] = {
    "lower", "raise",   "release", "freeze",
    "thaw",  "restore", "status",  "selftest"};

constexpr std::string_view name_of(Verb verb) {
  return kVerbNames[static_cast<std::size_t>(verb)];
}

enum class Exit : int {
  done = 0,          // as asked, or already so
  rolled_back = 10,  // the kernel refused; everything is as it was before
  foreign = 11,      // somebody else changed the value; left alone
  gone = 12,         // the cgroup was removed, or removed and made anew
  incomplete = 13,   // neither done nor undone; the journal knows: `restore`
  usage = 64,        // not a request
  journal = 65,      // the journal cannot be read; nothing was touched
  unavailable = 69,  // no privilege, or cgroups cannot be written here
  io = 74,           // the journal could not be written
  busy = 75,         // another call holds the lock
  budget = 76,       // too many changes within the hour
  refused = 77,      // this caller, target or value is not allowed
  config = 78,       // the root configuration is absent, unsafe or wrong
  disabled = 79      // the kill switch is set
};

// One word each, for the reply and for logs.
struct ExitName {
  Exit exit;
  std::string_view name;
};
inline constexpr ExitName kExitNames[] = {
    {Exit::done, "done"},
    {Exit::rolled_back, "rolled_back"},
    {Exit::foreign, "foreign"},
    {Exit::gone, "gone"},
    {Exit::incomplete, "incomplete"},
    {Exit::usage, "usage"},
    {Exit::journal, "journal"},
    {Exit::unavailable, "unavailable"},
    {Exit::io, "io"},
    {Exit::busy, "busy"},
    {Exit::budget, "budget"},
    {Exit::refused, "refused"},
    {Exit::config, "config"},
    {Exit::disabled, "disabled"},
};

constexpr std::string_view name_of(Exit exit) {
  for (const ExitName& known : kExitNames)
    if (known.exit == exit) return known.name;
  return {};  // not an exit status of the helper
}

// TARGET: alias [a-z0-9-]{1,32}; components [A-Za-z0-9_.:@-]+, never "." or
// "..", at most 6 of them; at most 255 bytes in all.
inline constexpr std::size_t kMaxAliasBytes = 32;
inline constexpr std::size_t kMaxTargetBytes = 255;
inline constexpr std::size_t kMaxDepth = 6;
// WORD of a freeze: [a-z0-9-]{1,32}.
inline constexpr std::size_t kMaxWordBytes = 32;
// What a number may be at all; the configuration narrows it.
inline constexpr std::int64_t kMaxMillicores = 4'096'000;
inline constexpr std::int64_t kMaxSeconds = 604'800;  // a week
// How many cgroups can be throttled at a time, on the whole host.
inline constexpr std::size_t kMaxEntries = 128;
// Re-applications of a throttle that something else put back to the original,
// per cgroup and hour.
inline constexpr std::size_t kMaxReapplied = 3;
// A reply is never longer, including its newline.
inline constexpr std::size_t kMaxReplyBytes = 131'072;

// Fields of the reply. Every reply has the first three.
//   v        1
//   exit     the exit status
//   outcome  its name
//   verb     absent when the request was none
//   target, millicores, original_millicores (null: unlimited), lease
//            of lower and raise: what is now in force
//   restored, foreign, gone, stuck     of release, restore: how many
//   frozen   seconds left, 0 when not frozen;  reason
//   enforced "kernel+hook" or "hook": what stops new work while frozen
//   disabled, budget_left, throttles    of status
//   cpu_version, unified, landlock      of selftest; 0: there is none
inline constexpr int kReplyVersion = 1;

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_PROTOCOL_H_
