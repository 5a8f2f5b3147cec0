// Which hierarchy answers which question: one on pure v2, up to four on v1 and
// hybrid hosts. All differences between the versions are in the two tables of
// hierarchies.cc.
#ifndef CPI_COUNTERS_HIERARCHIES_H_
#define CPI_COUNTERS_HIERARCHIES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "counters/mounts.h"
#include "counters/reading.h"

namespace cpi {

struct Hierarchy {
  std::string root;  // where it is mounted
  bool unified = false;
  // One of the names by which /proc/PID/cgroup lists it; empty: "0::".
  std::string controller;

  friend bool operator==(const Hierarchy& a, const Hierarchy& b) {
    return a.root == b.root;
  }
};

struct Hierarchies {
  // Where cgroups are found and matched, and which holds their quota: the one
  // with the cpu controller. A CgroupId is an identity within it.
  Hierarchy primary;
  // CPU time used; absent: not known on this host.
  std::optional<Hierarchy> cpu_time;
  // cpu.pressure exists in the unified hierarchy only.
  std::optional<Hierarchy> pressure;
  // Absent: this kernel cannot count per cgroup.
  std::optional<Hierarchy> perf;
};

// `proc_cgroups` is the text of /proc/cgroups: it tells whether the kernel has
// perf_event at all, which on v2 appears in no list of controllers. Fails only
// without any mount.
Result<Hierarchies> choose_hierarchies(const std::vector<Mount>& mounts,
                                       std::string_view proc_cgroups);

// One value in one file of a cgroup's directory.
struct Field {
  std::optional<std::uint64_t> (*find)(std::string_view text,
                                       std::string_view key);
  std::string_view key;
  Duration unit;
  std::optional<Duration> Reading::*target;
};

// A file that is read at every tick, and all that is taken from it.
struct FileLayout {
  std::string_view name;
  std::vector<Field> fields;
};

// The question a hierarchy is asked.
enum class Question { quota, cpu_time, pressure };

// The file that answers `question` in a hierarchy of this version.
const FileLayout& layout(Question question, bool unified);

// The field of cpu.stat that tells how long a quota held its cgroup back.
const Field& throttled_field(bool unified);

// The file that holds a cgroup's quota.
std::string_view quota_file(bool unified);

// The file that lists a cgroup's threads.
std::string_view threads_file(bool unified);

}  // namespace cpi

#endif  // CPI_COUNTERS_HIERARCHIES_H_
