// CPU numbers as the kernel and the configuration write them: "0-3,8".
#ifndef CPI_BASE_CPU_LIST_H_
#define CPI_BASE_CPU_LIST_H_

#include <string_view>
#include <vector>

#include "base/result.h"

namespace cpi {

// Ascending, without repetition.
using CpuList = std::vector<int>;

// The greatest number a CPU can have.
inline constexpr int kMaxCpu = 65535;

// Also of the empty text, which is no CPU at all, and with a newline at the
// end. The error's `what` is a few words, "has a stray sign". Any bytes are
// safe to pass.
Result<CpuList> parse_cpu_list(std::string_view text);

// CPUs that are in both.
CpuList intersection(const CpuList& a, const CpuList& b);

}  // namespace cpi

#endif  // CPI_BASE_CPU_LIST_H_
