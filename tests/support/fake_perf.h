// perf_event_open(2) for tests: counts what it is told to, fails when told to,
// and remembers what was asked.
#ifndef CPI_TESTS_SUPPORT_FAKE_PERF_H_
#define CPI_TESTS_SUPPORT_FAKE_PERF_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "counters/perf_api.h"

namespace cpi {

class FakePerf final : public PerfApi {
 public:
  struct Opened {
    perf_event_attr attr;
    std::string cgroup;  // its directory; empty: the whole CPU
    int cpu;
    int leader;
    int fd;
  };

  // errno with which an open fails; 0: it succeeds.
  using OpenFault = std::function<int(const Opened&)>;

  // What reads of a (cgroup directory, CPU) return, as the kernel's u64s:
  // events, enabled, running, cycles, instructions. Default: 2, then zeros.
  std::map<std::pair<std::string, int>, std::vector<std::uint64_t>> bytes;
  OpenFault open_fault;
  int read_fault = 0;
  int control_fault = 0;

  // Every successful open, in order, and those still open.
  std::vector<Opened> opened;
  [[nodiscard]] int open_now() const;
  // Of a leader: enable (+1) and disable (−1), in order.
  std::vector<std::pair<int, Command>> commands;

  Result<UniqueFd> open(const perf_event_attr& attr, int cgroup_fd, int cpu,
                        int leader) override;
  Result<> control(int leader, Command command) override;
  Result<std::size_t> read(int leader, std::span<std::byte> buffer) override;
};

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_FAKE_PERF_H_
