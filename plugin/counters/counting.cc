#include "counters/counting.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <vector>

#include "counters/files.h"
#include "counters/host.h"

namespace cpi {

void Counting::refresh(const CpuList& online) {
  const auto prepared = prepare(online);
  obstacle_ = prepared ? std::nullopt : std::optional(prepared.error());
}

Result<> Counting::prepare(const CpuList& online) {
  const auto wanted = parse_cpu_list(config_.cpus);
  if (!wanted) {
    return fail(
        0, fmt::format("CPUs \"{}\" {}", config_.cpus, wanted.error().what),
        wanted.error().remedy);
  }
  cpus_ = wanted->empty() ? online : intersection(*wanted, online);
  if (cpus_.empty()) {
    return fail(
        0, fmt::format("CPUs \"{}\": none of them is online", config_.cpus));
  }
  const auto events = resolve_events(config_);
  if (!events) return fail(events);
  events_ = *events;
  if (const auto chosen = choose_pmu(); !chosen) return fail(chosen);
  // Opened for a whole CPU and closed again: what fails here is the host's
  // fault, what fails later is the cgroup's.
  const auto probe =
      EventGroup::open(*perf_, events_, PerfApi::kWholeCpu, cpus_.front());
  if (!probe) return fail(probe);
  return keep_time();
}

Result<> Counting::keep_time() {
  timekeepers_.clear();
  if (config_.count_time == Duration::zero() || perf_root_.empty()) return {};
  const auto root = open_to_read(perf_root_, O_DIRECTORY);
  if (!root) return fail(root);
  perf_event_attr nothing = {};
  nothing.size = sizeof nothing;
  nothing.type = PERF_TYPE_SOFTWARE;
  nothing.config = PERF_COUNT_SW_DUMMY;
  for (const int cpu : cpus_) {
    auto event = perf_->open(nothing, root->get(), cpu, PerfApi::kNoLeader);
    if (!event) return fail(event);
    timekeepers_.push_back(*std::move(event));
  }
  return {};
}

Result<> Counting::choose_pmu() {
  if (is_software(events_.cycles) && is_software(events_.instructions)) {
    return {};
  }
  const auto pmus = core_pmus(sys_);
  std::vector<const CorePmu*> used;
  for (const CorePmu& pmu : pmus) {
    if (!intersection(pmu.cpus, cpus_).empty()) used.push_back(&pmu);
  }
  if (used.size() > 1) {
    return fail(0,
                fmt::format("cores of several types ({}, {}): their cycles "
                            "and instructions are not comparable",
                            used[0]->name, used[1]->name),
                "set CPUs to those of one type");
  }
  // x86 needs to be told; Arm finds the PMU by the CPU.
  if (pmus.size() > 1 && used.size() == 1 &&
      used[0]->name.starts_with("cpu_")) {
    select_pmu(events_.cycles, used[0]->type);
    select_pmu(events_.instructions, used[0]->type);
  }
  return {};
}

Result<CgroupCounters> Counting::open(const std::string& perf_directory) const {
  const auto directory = open_to_read(perf_directory, O_DIRECTORY);
  if (!directory) return fail(directory);
  return CgroupCounters::open(*perf_, events_, directory->get(), cpus_);
}

}  // namespace cpi
