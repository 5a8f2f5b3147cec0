// What is read of the host itself: its online CPUs, the time a hypervisor took
// (proc(5), /proc/stat, "steal"), and which kinds of cores it has.
#ifndef CPI_COUNTERS_HOST_H_
#define CPI_COUNTERS_HOST_H_

#include <optional>
#include <string>
#include <vector>

#include "base/cpu_list.h"
#include "counters/files.h"
#include "counters/reading.h"

namespace cpi {

// Keeps its files open between reads. Not thread-safe.
class Host {
 public:
  // Fails only where the online CPUs cannot be learnt.
  static Result<Host> open(const std::string& proc, const std::string& sys);

  // Steal is absent where /proc/stat cannot be read. When the CPUs cannot be
  // read again, they are taken to be those of last time.
  HostReading read(Instant now);

  // Online CPUs as of the last read().
  [[nodiscard]] const CpuList& online() const { return online_; }

 private:
  Host() = default;

  void read_online();

  std::optional<KeptFile> stat_;
  std::optional<KeptFile> online_file_;
  std::string online_text_;  // what online_ was parsed from
  CpuList online_;
  KeptFile::Buffer buffer_;
};

// A PMU of processor cores. Hosts with several kinds of cores have several.
struct CorePmu {
  std::string name;  // "cpu_core"
  unsigned type = 0;
  CpuList cpus;
};

// Those that say which CPUs they belong to: none on a host with one kind of
// x86 cores. By name.
std::vector<CorePmu> core_pmus(const std::string& sys);

}  // namespace cpi

#endif  // CPI_COUNTERS_HOST_H_
