// CPU numbers as the kernel and the configuration write them: "0-3,8".
#ifndef CPI_COUNTERS_CPU_LIST_H_
#define CPI_COUNTERS_CPU_LIST_H_

#include <string_view>
#include <vector>

#include "base/result.h"

namespace cpi {

// Ascending, without repetition.
using CpuList = std::vector<int>;

// Also of the empty text, which is no CPU at all. Fails on anything else than
// numbers below 65536, '-' and ','.
Result<CpuList> parse_cpu_list(std::string_view text);

// CPUs that are in both.
CpuList intersection(const CpuList& a, const CpuList& b);

}  // namespace cpi

#endif  // CPI_COUNTERS_CPU_LIST_H_
