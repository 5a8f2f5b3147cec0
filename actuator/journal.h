// The write-ahead journal: what was there before we changed it, written before
// the change. Whatever the moment of a crash, `restore` finds the originals
// here. It is also the budget, and the marker that cpi-oci-hook reads: a freeze
// holds from the moment it is journalled.
//
// It lives in /run, as short-lived as the cgroups it speaks of, and names the
// boot it belongs to: after a reboot the values it holds would be wrong.
#ifndef CPI_ACTUATOR_JOURNAL_H_
#define CPI_ACTUATOR_JOURNAL_H_

#include <utility>

#include "actuator/quota.h"

namespace cpi::actuator {

// Seconds on CLOCK_BOOTTIME, which a suspended machine does not stop.
using Seconds = std::int64_t;
[[nodiscard]] Seconds boottime();

// At most N events within any hour.
inline constexpr Seconds kHour = 3600;
template <std::size_t N>
struct PerHour {
  List<Seconds, N> times;

  void forget_old(Seconds now) {
    times.filter([&](Seconds time) { return time > now - kHour; });
  }
  // One more at `now`? False, and not counted, when that would exceed `most`.
  [[nodiscard]] bool spend(Seconds now, std::int64_t most) {
    forget_old(now);
    if (std::cmp_greater_equal(times.size, most)) return false;
    Seconds* time = times.push();
    if (time != nullptr) *time = now;
    return time != nullptr;
  }
};

// One throttled cgroup.
struct Entry {
  // From the root of the cpu hierarchy; an empty one is void. Never the
  // target's name: two aliases may lead to one cgroup.
  Path path;
  Identity identity;  // of the cgroup whose original this is
  Quota original;     // recorded once
  // What we may have written last and before: a call killed between the two
  // leaves either, and neither is foreign.
  std::int64_t previous_us, next_us;
  Seconds since;     // first lowered
  Seconds deadline;  // of the lease
  bool follower;     // lowered only because an ancestor was
  PerHour<kMaxReapplied> reapplied;
};

// One parent below which the kernel makes no cgroups while frozen.
struct Held {
  Path path;  // from the root of the v2 hierarchy
  Identity identity;
  std::int64_t original;  // of cgroup.max.descendants, or kUnlimited
};

using Word = Text<kMaxWordBytes>;
using PodUid = Text<36>;

struct Freeze {
  bool on;
  Seconds deadline;
  Word reason;
  List<PodUid, 512> pods;  // that were there when it began: not new
  List<Held, 16> held;
};

struct Journal {
  // As loaded, parents before what is below them.
  List<Entry, kMaxEntries> entries;
  Freeze freeze;
  Seconds freeze_ended;  // when the last one did; 0: never
  PerHour<256> spent;    // lowers and freezes
};

inline constexpr std::size_t kMaxJournalBytes = 131'072;
using BootId = Text<36>;
inline constexpr const char* kBootIdFile = "/proc/sys/kernel/random/boot_id";
[[nodiscard]] bool read_boot_id(BootId* boot_id);

// Pure. False when it is not a journal. One of another boot is empty.
[[nodiscard]] bool parse_journal(std::string_view json, const BootId& boot_id,
                                 Journal* journal);
// The bytes written, or 0 when memory or `size` was short.
[[nodiscard]] std::size_t dump_journal(const Journal& journal,
                                       const BootId& boot_id, char* json,
                                       std::size_t size);

// A journal that does not exist is empty. False when there is one and it
// cannot be read: then nothing may be touched.
[[nodiscard]] bool load_journal(int state_directory, Journal* journal);
// False with errno set; the file is then the old one or the new one.
[[nodiscard]] bool save_journal(int state_directory, const Journal& journal);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_JOURNAL_H_
