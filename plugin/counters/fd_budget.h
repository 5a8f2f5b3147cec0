// How many file descriptors the counters may take (needed: counted cgroups ×
// CPUs × events, and files). collectd's other plugins live in the same
// process, so the limit is never used up.
#ifndef CPI_COUNTERS_FD_BUDGET_H_
#define CPI_COUNTERS_FD_BUDGET_H_

#include <cstddef>
#include <optional>
#include <string>

namespace cpi {

class FdBudget {
 public:
  // Left for the rest of the process, beside what it has open now.
  static constexpr std::size_t kHeadroom = 128;

  // `limit` stands for RLIMIT_NOFILE in tests; absent: the process's own.
  explicit FdBudget(std::optional<std::size_t> limit = std::nullopt);

  // Room for `needed` descriptors of ours is wanted: raises the soft limit to
  // the hard one if that helps. Returns how many may be taken.
  std::size_t allow(std::size_t needed);

  // The limit with which `needed` descriptors would be allowed.
  [[nodiscard]] std::size_t limit_for(std::size_t needed) const {
    return needed + others_ + kHeadroom;
  }

 private:
  std::optional<std::size_t> fixed_limit_;
  std::size_t others_;  // open in this process before we came
};

}  // namespace cpi

#endif  // CPI_COUNTERS_FD_BUDGET_H_
