#include "counters/fd_budget.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace cpi {
namespace {

std::size_t count_open() {
  std::error_code failed;
  const std::filesystem::directory_iterator fds("/proc/self/fd", failed);
  if (failed) return 0;
  return static_cast<std::size_t>(std::distance(begin(fds), end(fds)));
}

std::size_t soft_limit(std::size_t wanted) {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return 1024;
  if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
    const rlimit raised = {limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

}  // namespace

FdBudget::FdBudget(std::optional<std::size_t> limit)
    : fixed_limit_(limit), others_(count_open()) {}

std::size_t FdBudget::allow(std::size_t needed) {
  const std::size_t limit =
      fixed_limit_ ? *fixed_limit_ : soft_limit(limit_for(needed));
  const std::size_t taken = others_ + kHeadroom;
  return limit > taken ? std::min(needed, limit - taken) : 0;
}

}  // namespace cpi
