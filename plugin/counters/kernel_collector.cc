#include "counters/kernel_collector.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <utility>

#include "counters/files.h"
#include "counters/placement.h"

namespace cpi {
namespace {

// Files of the whole host that stay open: /proc/stat, online CPUs, inotify.
constexpr std::size_t kHostFiles = 3;

std::string files_key(const std::string& path) { return "files of " + path; }

// Hands out elements of a vector from the front, reusing their memory.
class Slots {
 public:
  explicit Slots(std::vector<WorkloadReading>& readings)
      : readings_(readings) {}

  WorkloadReading& next() {
    if (used_ == readings_.size()) readings_.emplace_back();
    return readings_[used_];
  }
  void keep() { ++used_; }
  void finish() { readings_.resize(used_); }

 private:
  std::vector<WorkloadReading>& readings_;
  std::size_t used_ = 0;
};

}  // namespace

Result<std::unique_ptr<KernelCollector>> KernelCollector::create(
    const Config& config, LogSink sink, Environment environment) {
  auto mounts =
      environment.mounts ? *environment.mounts : find_mounts(environment.proc);
  if (!mounts) return fail(mounts);
  const auto proc_cgroups = read_file(environment.proc + "/cgroups");
  auto hierarchies =
      choose_hierarchies(*mounts, proc_cgroups.value_or(std::string()));
  if (!hierarchies) return fail(hierarchies);
  // Before anything of ours is open: it counts what others have.
  const FdBudget budget(environment.fd_limit);
  auto host = Host::open(environment.proc, environment.sys);
  if (!host) return fail(host);
  return std::unique_ptr<KernelCollector>(
      new KernelCollector(config, std::move(sink), std::move(environment),
                          *std::move(hierarchies), *std::move(host), budget));
}

KernelCollector::KernelCollector(const Config& config, LogSink sink,
                                 Environment environment,
                                 Hierarchies hierarchies, Host host,
                                 FdBudget budget)
    : environment_(std::move(environment)),
      perf_(environment_.perf != nullptr ? *environment_.perf : kernel_perf()),
      complaints_(sink),
      hierarchies_(std::move(hierarchies)),
      processes_(environment_.proc, hierarchies_.primary),
      host_(std::move(host)),
      discovery_(config, hierarchies_.primary.root, sink),
      counting_(perf_, config.counters, environment_.sys,
                hierarchies_.perf ? hierarchies_.perf->root : ""),
      budget_(budget) {}

Result<const Readings*> KernelCollector::collect(Instant now) {
  readings_.host = host_.read(environment_.clock());
  const auto change = discovery_.update(now);
  const bool full = change == Discovery::Change::full_scan;
  if (full || host_.online() != counted_online_) {
    if (host_.online() != counted_online_) close_counters();
    counting_.refresh(host_.online());
    counted_online_ = host_.online();
    next_retry_ = now;
  }
  if (change != Discovery::Change::none) {
    adopt(discovery_.workloads());
    next_retry_ = now;
  }
  if (!next_retry_ && needs_attention()) next_retry_ = now;
  if (next_retry_ && now >= *next_retry_) {
    open_what_fits(full);
    next_retry_ =
        needs_attention() ? std::optional(now + kRetry) : std::nullopt;
  }
  if (change != Discovery::Change::none) follow_quotas();
  if (full) {
    for (WatchedCgroup& watched : watched_) watched.look_at_program();
  }
  read_all();
  return &readings_;
}

void KernelCollector::adopt(const std::vector<Workload>& workloads) {
  std::unordered_map<CgroupId, std::size_t> known;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    known.emplace(watched_[i].cgroup(), i);
  }
  std::vector<WatchedCgroup> next;
  next.reserve(workloads.size());
  for (const Workload& workload : workloads) {
    const auto found = known.find(workload.cgroup);
    // A renamed cgroup is opened anew: its path is in every message about it.
    if (found != known.end() &&
        watched_[found->second].cgroup().path == workload.cgroup.path) {
      next.push_back(std::move(watched_[found->second]));
      known.erase(found);
    } else {
      next.emplace_back(workload, environment_.proc);
    }
  }
  for (const auto& [cgroup, index] : known) {
    complaints_.forget(cgroup.path);
    complaints_.forget(files_key(cgroup.path));
  }
  watched_ = std::move(next);
}

void KernelCollector::open_what_fits(bool all) {
  const std::size_t needed = fds_needed();
  const std::size_t allowed = fds_allowed(needed);
  settle(all, allowed);
  open_counters(allowed);
  say_what_fits(needed, allowed);
}

void KernelCollector::say_what_fits(std::size_t needed, std::size_t allowed) {
  if (allowed >= needed) {
    complaints_.settle("descriptors", "there are enough file descriptors now");
    return;
  }
  const CollectorStats fits = stats();
  complaints_.raise(
      "descriptors", Severity::warning,
      fmt::format("watching every workload takes {} file descriptors and {} "
                  "may be used: {} of {} are watched, {} counted; set "
                  "LimitNOFILE={} in collectd's unit",
                  needed, allowed, fits.cgroups, watched_.size(), fits.counted,
                  budget_.limit_for(needed + fds_beside())));
}

void KernelCollector::settle(bool all, std::size_t allowed) {
  const std::size_t open = stats().fds_open;
  std::size_t left = allowed - std::min(allowed, open);
  for (WatchedCgroup& watched : watched_) {
    if (!all && !watched.provisional()) continue;
    if (left < watched.files_wanted()) continue;
    const std::size_t had = watched.files_open();
    settle(watched);
    left = left + had - watched.files_open();
  }
}

void KernelCollector::settle(WatchedCgroup& watched) {
  auto placement = place(hierarchies_, processes_, watched.cgroup());
  if (!placement) {
    discovery_.look_again();  // it is gone
    return;
  }
  const std::string& path = watched.cgroup().path;
  const auto settled = watched.settle(*std::move(placement));
  if (settled) {
    complaints_.settle(files_key(path),
                       fmt::format("the files of {} can be read now", path));
  } else {
    complaints_.raise(files_key(path), Severity::warning,
                      settled.error().message());
  }
}

void KernelCollector::follow_quotas() {
  std::size_t open = stats().fds_open;
  for (WatchedCgroup& watched : watched_) {
    if (!watched.settled()) continue;
    const std::size_t allowed = fds_allowed(open + RelatedQuotas::kMost);
    const std::size_t room = allowed - std::min(allowed, open);
    const std::size_t had = watched.files_open();
    watched.follow_quotas(hierarchies_.primary, room);
    open = open - had + watched.files_open();
  }
}

void KernelCollector::open_counters(std::size_t allowed) {
  if (const Error* obstacle = counting_.obstacle()) {
    close_counters();
    for (WatchedCgroup& watched : watched_) {
      if (watched.block().counted) watched.stop_counting(obstacle->message());
    }
    // Without an errno no call failed: the configuration asks for what this
    // host does not have.
    complaints_.raise("counting",
                      obstacle->code == 0 ? Severity::error : Severity::warning,
                      "no cycles and instructions; CPU time, wait and "
                      "throttling go on: " +
                          obstacle->message());
    return;
  }
  complaints_.settle("counting", "cycles and instructions are counted now");
  const std::size_t open = stats().fds_open;
  std::size_t left = allowed - std::min(allowed, open);
  for (WatchedCgroup& watched : watched_) open_counters_of(watched, left);
}

void KernelCollector::open_counters_of(WatchedCgroup& watched,
                                       std::size_t& left) {
  if (!watched.block().counted || watched.counting() || !watched.settled()) {
    return;
  }
  const std::string& path = watched.cgroup().path;
  if (left < counting_.fds_per_cgroup()) {
    watched.stop_counting("not enough file descriptors");
    return;
  }
  const auto counted = watched.count(counting_, ++epoch_);
  if (counted) {
    left -= counting_.fds_per_cgroup();
    complaints_.settle(path, fmt::format("{} is counted now", path));
  } else if (counted.error().code == ENOENT &&
             !place(hierarchies_, processes_, watched.cgroup())) {
    // Removed since it was found. A kernel that has no cgroup for perf says
    // ENOENT as well, of one that is still there.
    discovery_.look_again();
  } else if (counted.error().code != ESRCH) {
    complaints_.raise(
        path, Severity::warning,
        fmt::format("{} is not counted: {}", path, counted.error().message()));
  }
}

void KernelCollector::close_counters() {
  for (WatchedCgroup& watched : watched_) {
    if (watched.counting()) watched.stop_counting("CPUs changed");
  }
}

void KernelCollector::read_all() {
  Slots services(readings_.services);
  Slots batch(readings_.batch);
  for (WatchedCgroup& watched : watched_) {
    if (!watched.settled()) continue;
    Slots& slots = watched.block().service ? services : batch;
    WorkloadReading& slot = slots.next();
    slot.workload = watched.block().name;
    if (watched.read(environment_.clock(), slot.reading, buffer_)) {
      slots.keep();
    } else {
      discovery_.look_again();
    }
  }
  services.finish();
  batch.finish();
}

void KernelCollector::pause() {
  for (WatchedCgroup& watched : watched_) {
    const auto paused = watched.pause();
    if (!paused) watched.stop_counting(paused.error().message());
  }
}

std::size_t KernelCollector::fds_needed() const {
  const std::size_t counters =
      counting_.obstacle() == nullptr ? counting_.fds_per_cgroup() : 0;
  std::size_t needed = kHostFiles + counting_.fds_open();
  for (const WatchedCgroup& watched : watched_) {
    needed += watched.files_open() + watched.files_wanted();
    if (watched.block().counted) needed += counters;
  }
  return needed;
}

std::size_t KernelCollector::fds_beside() const {
  const auto services = std::count_if(
      watched_.begin(), watched_.end(),
      [](const WatchedCgroup& watched) { return watched.block().service; });
  return environment_.fds_beside * static_cast<std::size_t>(services);
}

std::size_t KernelCollector::fds_allowed(std::size_t needed) {
  const std::size_t beside = fds_beside();
  const std::size_t allowed = budget_.allow(needed + beside);
  return allowed - std::min(allowed, beside);
}

bool KernelCollector::needs_attention() const {
  return std::any_of(watched_.begin(), watched_.end(),
                     [this](const WatchedCgroup& watched) {
                       return watched.provisional() ||
                              (watched.block().counted && !watched.counting() &&
                               counting_.obstacle() == nullptr);
                     });
}

CollectorStats KernelCollector::stats() const {
  CollectorStats stats;
  stats.fds_needed = fds_needed();
  stats.fds_open = kHostFiles + counting_.fds_open();
  for (const WatchedCgroup& watched : watched_) {
    if (watched.settled()) ++stats.cgroups;
    stats.fds_open += watched.files_open();
    if (!watched.counting()) continue;
    ++stats.counted;
    stats.fds_open += counting_.fds_per_cgroup();
  }
  return stats;
}

}  // namespace cpi
