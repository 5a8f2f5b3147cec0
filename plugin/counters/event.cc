#include "counters/event.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.h"

namespace cpi {
namespace {

constexpr std::size_t kSuggestions = 3;
// PERF_PMU_TYPE_SHIFT: a generic event carries its PMU in the upper half.
constexpr int kPmuTypeShift = 32;

// Once per process. libpfm4 has no way to undo it, and needs none.
int initialize() {
  static const int status = pfm_initialize();
  return status;
}

// Every event name of the PMUs this host has.
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (int pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; ++pmu) {
    pfm_pmu_info_t info = {};
    info.size = sizeof info;
    if (pfm_get_pmu_info(static_cast<pfm_pmu_t>(pmu), &info) != PFM_SUCCESS ||
        !info.is_present) {
      continue;
    }
    for (int i = info.first_event; i != -1; i = pfm_get_event_next(i)) {
      pfm_event_info_t event = {};
      event.size = sizeof event;
      if (pfm_get_event_info(i, PFM_OS_PERF_EVENT, &event) == PFM_SUCCESS &&
          event.name != nullptr) {
        names.emplace_back(event.name);
      }
    }
  }
  return names;
}

std::string nearest_names(const std::string& name) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (std::string& known : known_names()) {
    ranked.emplace_back(edit_distance(name, known), std::move(known));
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> best;
  for (auto& [far, known] : ranked) {
    if (best.size() < kSuggestions) best.push_back(std::move(known));
  }
  return fmt::format("nearest known events: {}", fmt::join(best, ", "));
}

// As resolve_event(); an error says whose value the name is.
Result<perf_event_attr> resolve_option(std::string_view option,
                                       const std::string& name) {
  auto attr = resolve_event(name);
  if (!attr) {
    attr.error().what = fmt::format("{}: {}", option, attr.error().what);
  }
  return attr;
}

}  // namespace

Result<perf_event_attr> resolve_event(const std::string& name) {
  const std::string what = fmt::format("event \"{}\"", name);
  if (const int status = initialize(); status != PFM_SUCCESS) {
    return fail(0, fmt::format("{}: libpfm4: {}", what, pfm_strerror(status)));
  }
  perf_event_attr attr = {};
  attr.size = sizeof attr;
  pfm_perf_encode_arg_t encoding = {};
  encoding.size = sizeof encoding;
  encoding.attr = &attr;
  const int status = pfm_get_os_event_encoding(
      name.c_str(), PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &encoding);
  if (status != PFM_SUCCESS) {
    return fail(0, fmt::format("{}: {}", what, pfm_strerror(status)),
                nearest_names(name));
  }
  attr.size = sizeof attr;
  return attr;
}

Result<EventPair> resolve_events(const CountersConfig& config) {
  auto cycles = resolve_option("CyclesEvent", config.cycles_event);
  if (!cycles) return fail(cycles);
  auto instructions =
      resolve_option("InstructionsEvent", config.instructions_event);
  if (!instructions) return fail(instructions);
  cycles->disabled = 1;
  cycles->read_format = instructions->read_format =
      PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
      PERF_FORMAT_TOTAL_TIME_RUNNING;
  return EventPair{*cycles, *instructions};
}

bool is_software(const perf_event_attr& attr) {
  return attr.type == PERF_TYPE_SOFTWARE;
}

void select_pmu(perf_event_attr& attr, unsigned type) {
  if (attr.type != PERF_TYPE_HARDWARE) return;
  attr.config |= std::uint64_t{type} << kPmuTypeShift;
}

}  // namespace cpi
