#include "base/cpu_list.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace cpi {
namespace {

using tl::make_unexpected;

// Takes a CPU off the front of `text`; in the error, what is there instead.
tl::expected<int, const char*> take_cpu(std::string_view& text) {
  unsigned number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument) {
    return make_unexpected("has something else than a CPU number");
  }
  if (error != std::errc{} || number > kMaxCpu) {
    return make_unexpected("has a CPU that cannot be");
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return static_cast<int>(number);
}

// Appends "3" or "0-3".
tl::expected<void, const char*> take_range(std::string_view& text,
                                           CpuList& cpus) {
  const auto first = take_cpu(text);
  if (!first) return make_unexpected(first.error());
  auto last = first;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    last = take_cpu(text);
    if (!last) return make_unexpected(last.error());
    if (*last < *first) return make_unexpected("has a range without an end");
  }
  for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  return {};
}

tl::expected<CpuList, const char*> take_list(std::string_view text) {
  CpuList cpus;
  while (!text.empty()) {
    const auto taken = take_range(text, cpus);
    if (!taken) return make_unexpected(taken.error());
    if (text.empty()) break;
    if (!text.starts_with(',') || text.size() == 1) {
      return make_unexpected("has a stray sign");
    }
    text.remove_prefix(1);
  }
  return cpus;
}

}  // namespace

Result<CpuList> parse_cpu_list(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  auto cpus = take_list(text);
  if (!cpus) {
    return fail(0, cpus.error(), "write CPUs and ranges like 0-3,8");
  }
  std::sort(cpus->begin(), cpus->end());
  cpus->erase(std::unique(cpus->begin(), cpus->end()), cpus->end());
  return *std::move(cpus);
}

CpuList intersection(const CpuList& a, const CpuList& b) {
  CpuList both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::back_inserter(both));
  return both;
}

}  // namespace cpi
