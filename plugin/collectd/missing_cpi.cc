#include "collectd/missing_cpi.h"

#include <fmt/format.h>

namespace cpi {
namespace {

constexpr int kWindows = 3;

// What went wrong and what to do, of the reasons that are a fault; "" of
// others.
std::string fault(Withheld reason, const Sample& sample) {
  switch (reason) {
    case Withheld::running_ratio_too_low:
      return fmt::format(
          "others use the counters too, and they ran for {:.0f} % of the time; "
          "end other uses of the PMU or lower MinRunningRatio",
          100 * sample.running_ratio.value_or(0));
    case Withheld::not_scheduled:
      return "the service ran, but the counters did not; others use them, or "
             "the kernel's watchdog does (kernel.nmi_watchdog)";
    case Withheld::implausible:
      return "no CPU can have counted this in that time; virtual machines have "
             "such counters, see `cpictl doctor`";
    case Withheld::not_counted:
    case Withheld::counters_reopened:
    case Withheld::idle:
    case Withheld::too_few_instructions:
      break;
  }
  return {};
}

}  // namespace

void MissingCpi::look_at(const std::vector<Sample>& services) {
  for (auto& [path, story] : stories_) story.present = false;
  for (const Sample& sample : services) {
    follow(sample, stories_[sample.cgroup.path]);
  }
  std::erase_if(stories_, [this](const auto& entry) {
    if (!entry.second.present) complaints_.forget(entry.first);
    return !entry.second.present;
  });
}

void MissingCpi::follow(const Sample& sample, Story& story) {
  story.present = true;
  std::optional<Withheld> why;
  if (!sample.counted) why = sample.counted.error();
  if (why && fault(*why, sample).empty()) return;  // says nothing
  story.windows = why == story.why ? story.windows + 1 : 1;
  story.why = why;
  if (story.windows != kWindows) return;
  const std::string& path = sample.cgroup.path;
  if (why) {
    complaints_.raise(
        path, Severity::warning,
        fmt::format("{} has no CPI: {}", path, fault(*why, sample)));
  } else {
    complaints_.settle(path, fmt::format("{} has a CPI again", path));
  }
}

}  // namespace cpi
