#include "sim/world.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cpi::sim {
namespace {

constexpr double kWait = 0.02;
// Less than this nobody could notice.
constexpr double kHarmed = 0.002;
constexpr double kStarved = 0.002;

double to_cpus(Millicores quota) { return static_cast<double>(quota) / 1000; }

double phase_of(const Demand& demand, Instant now) {
  const auto time = now.time_since_epoch() + demand.phase;
  return to_seconds(time % demand.period) / to_seconds(demand.period);
}

}  // namespace

World::World(std::uint64_t seed, Service service)
    : random_(seed), service_(service) {}

Container& World::add(const Demand& demand) {
  Container container;
  const auto inode = static_cast<ino_t>(1000 + containers_.size());
  container.cgroup = {1, inode, "/batch/" + std::to_string(inode)};
  container.demand = demand;
  return containers_.emplace_back(container);
}

bool World::runs(const Container& container) const {
  return container.starts <= now_ && now_ < container.ends;
}

double World::demand_of(const Container& container) {
  const Demand& demand = container.demand;
  double level = 1;
  if (demand.period > Duration{}) {
    const double phase = phase_of(demand, now_);
    level = demand.curve ? 0.5 - 0.5 * std::cos(2 * std::numbers::pi * phase)
                         : (phase < demand.duty ? 1.0 : 0.0);
  }
  const double share = demand.rest + (1 - demand.rest) * level;
  return demand.cpus * share * (1 + 0.02 * random_.normal());
}

void World::advance() {
  now_ += kWindow;
  for (Container& container : containers_) {
    // Nothing new starts on a frozen host: it comes when the freeze is over.
    if (container.starts == now_ && is_frozen()) container.starts += kWindow;
    if (container.quota && container.leased_until <= now_) {
      container.quota.reset();
    }
    double cpus = runs(container) ? std::max(0.0, demand_of(container)) : 0;
    if (container.original) cpus = std::min(cpus, to_cpus(*container.original));
    if (container.quota) cpus = std::min(cpus, to_cpus(*container.quota));
    container.cpus = cpus;
  }
}

double World::share(const Container& container) const {
  if (!runs(container) || now_ < container.harmful_from) return 0;
  if (container.stubborn) return 1;
  const double share = container.cpus / container.demand.cpus;
  return std::pow(std::clamp(share, 0.0, 1.0), container.exponent);
}

double World::harm() const {
  double factor = 1;
  for (const Container& container : containers_) {
    factor *= 1 + container.harm * share(container);
  }
  return factor - 1;
}

double World::starvation() const {
  double wait = 0;
  for (const Container& container : containers_) {
    wait += container.starvation * share(container);
  }
  return wait;
}

bool World::is_harmed() const {
  return harm() > kHarmed || starvation() > kStarved;
}

Sample World::service_sample() {
  const double usage =
      std::max(0.02, service_.usage + service_.usage_spread * random_.normal());
  double cpi = (1.5 - usage) * (1 + service_.noise * random_.normal());
  cpi *= 1 + harm();
  if (now_ >= service_.released) cpi *= service_.cpi_factor;
  const bool limited = now_ >= service_.limited;
  Sample sample;
  sample.workload = "web";
  sample.cgroup = {1, 1, "/web"};
  sample.begin = now_ - kWindow;
  sample.end = now_;
  sample.cpu_usage = usage;
  sample.cpus = usage * kHostCpus;
  Counted counted;
  counted.cycles = 1e10;
  counted.instructions = counted.cycles / cpi;
  counted.enabled = kWindow;
  counted.running_ratio = 1;
  sample.counted = counted;
  const double wait = kWait * (1 + 0.3 * random_.normal()) + starvation();
  sample.cpu_wait = limited ? 0.6 : std::clamp(wait, 0.0, 1.0);
  sample.wait_cause = limited ? WaitCause::limit : WaitCause::contention;
  return sample;
}

std::vector<Sample> World::batch_samples() const {
  std::vector<Sample> samples;
  for (const Container& container : containers_) {
    if (!runs(container)) continue;
    Sample sample;
    sample.workload = "train";
    sample.cgroup = container.cgroup;
    sample.begin = now_ - kWindow;
    sample.end = now_;
    sample.cpus = container.cpus;
    sample.cpu_usage = container.cpus / kHostCpus;
    samples.push_back(std::move(sample));
  }
  return samples;
}

const Container* World::find(const CgroupId& cgroup) const {
  const auto found =
      std::find_if(containers_.begin(), containers_.end(),
                   [&](const Container& c) { return c.cgroup == cgroup; });
  return found == containers_.end() ? nullptr : &*found;
}

Container* World::edit(const CgroupId& cgroup) {
  return const_cast<Container*>(std::as_const(*this).find(cgroup));
}

ActionOutcome World::set_quota(const CgroupId& cgroup, Millicores quota,
                               Duration lease) {
  Container* container = edit(cgroup);
  if (!container || !runs(*container)) {
    return {cgroup, ActionOutcome::Kind::gone, 0};
  }
  violations_.under_floor += quota < kFloor;
  violations_.above_original +=
      container->original && quota > *container->original;
  container->quota = quota;
  container->leased_until = now_ + lease;
  return {cgroup, ActionOutcome::Kind::done, quota};
}

ActionOutcome World::apply(const Action& action) {
  if (action.dry_run && !does_what_is_dry) return {};
  if (const auto* lower = std::get_if<Lower>(&action.verb)) {
    return set_quota(lower->cgroup, lower->quota, lower->lease);
  }
  if (const auto* raise = std::get_if<Raise>(&action.verb)) {
    return set_quota(raise->cgroup, raise->quota, raise->lease);
  }
  if (const auto* renew = std::get_if<Renew>(&action.verb)) {
    return set_quota(renew->cgroup, renew->quota, renew->lease);
  }
  if (const auto* release = std::get_if<Release>(&action.verb)) {
    Container* container = edit(release->cgroup);
    if (container) container->quota.reset();
    return {release->cgroup, ActionOutcome::Kind::done, 0};
  }
  if (const auto* freeze = std::get_if<Freeze>(&action.verb)) {
    frozen_until_ = std::max(frozen_until_, now_ + freeze->length);
  } else if (std::holds_alternative<Thaw>(action.verb)) {
    frozen_until_ = now_;
  } else if (const auto* move = std::get_if<Reschedule>(&action.verb)) {
    Container* container = edit(move->cgroup);
    if (container && scheduler_obeys) {
      container->ends = std::min(container->ends, now_ + move_time);
    }
  }
  return {};
}

InForce World::status() const {
  InForce in_force;
  in_force.frozen = std::max(Duration{}, frozen_until_ - now_);
  for (const Container& container : containers_) {
    if (!container.quota) continue;
    LiveThrottle throttle;
    throttle.cgroup = container.cgroup;
    throttle.workload = "train";
    throttle.quota = *container.quota;
    throttle.original = container.original.value_or(0);
    throttle.lease = container.leased_until - now_;
    throttle.state =
        runs(container) ? LiveThrottle::State::ours : LiveThrottle::State::gone;
    in_force.throttles.push_back(throttle);
  }
  return in_force;
}

}  // namespace cpi::sim
