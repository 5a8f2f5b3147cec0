#include "counters/cpu_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/syntax.h"
#include "counters/files.h"

namespace cpi {
namespace {

// "3" or "0-3".
std::optional<std::pair<int, int>> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos
                        ? first
                        : parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last > kMaxCpu) return {};
  return std::pair(static_cast<int>(*first), static_cast<int>(*last));
}

}  // namespace

Result<CpuList> parse_cpu_list(std::string_view text) {
  const std::string_view whole = text;
  CpuList cpus;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto range = parse_range(text.substr(0, comma));
    if (!range) {
      return fail(0, fmt::format("CPU list \"{}\"", whole),
                  "write CPUs and ranges like 0-3,8");
    }
    for (int cpu = range->first; cpu <= range->second; ++cpu) {
      cpus.push_back(cpu);
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

CpuList intersection(const CpuList& a, const CpuList& b) {
  CpuList both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::back_inserter(both));
  return both;
}

}  // namespace cpi
