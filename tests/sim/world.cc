#include "sim/world.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace cpi::sim {
namespace {

constexpr double kWait = 0.02;
// Less than this nobody could notice.
constexpr double kHarmed = 0.002;
constexpr double kStarved = 0.002;

constexpr double kCycles = 1e10;  // of a service, in one window

Duration times(double factor) {
  return std::chrono::duration_cast<Duration>(factor * kWindow);
}

double to_cpus(Millicores quota) { return static_cast<double>(quota) / 1000; }

bool hurts(const Container& container, std::size_t service) {
  const std::vector<std::size_t>& victims = container.victims;
  return std::find(victims.begin(), victims.end(), service) != victims.end();
}

double phase_of(const Demand& demand, Instant now) {
  const auto time = now.time_since_epoch() + demand.phase;
  return to_seconds(time % demand.period) / to_seconds(demand.period);
}

bool is_slow(const Service& service, Instant now) {
  if (now < service.released) return false;
  return service.spell_period == Duration{} ||
         (now - service.released) % service.spell_period < service.spell;
}

}  // namespace

// Their inodes count from 1, those of batch from 1000.
std::size_t index_of(const CgroupId& service) { return service.inode - 1; }

World::World(std::uint64_t seed, const Service& service) : random_(seed) {
  readings_.host.online_cpus = static_cast<int>(kHostCpus);
  readings_.host.steal = Duration{};
  add(service);
}

void World::add(const Service& service) {
  services_.push_back(service);
  WorkloadReading& of = readings_.services.emplace_back();
  of.workload = service.name;
  of.reading.cgroup = {1, static_cast<ino_t>(services_.size()),
                       "/" + service.name};
  of.reading.cpu_time = of.reading.throttled = of.reading.waited = Duration{};
  of.reading.wait_source = WaitSource::psi;
}

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
    container.cpu_time += times(cpus);
  }
  readings_.host.time = now_;
  for (std::size_t i = 0; i < services_.size(); ++i) count(i);
  read_batch();
}

double World::share(const Container& container) const {
  if (!runs(container) || now_ < container.harmful_from) return 0;
  if (container.stubborn) return 1;
  const double share = container.cpus / container.demand.cpus;
  return std::pow(std::clamp(share, 0.0, 1.0), container.exponent);
}

double World::harm(std::size_t service) const {
  double factor = 1;
  for (const Container& container : containers_) {
    if (!hurts(container, service)) continue;
    factor *= 1 + container.harm * share(container);
  }
  return factor - 1;
}

double World::starvation(std::size_t service) const {
  double wait = 0;
  for (const Container& container : containers_) {
    if (!hurts(container, service)) continue;
    wait += container.starvation * share(container);
  }
  return wait;
}

bool World::is_harmed(std::size_t service) const {
  return harm(service) > kHarmed || starvation(service) > kStarved;
}

void World::count(std::size_t index) {
  const Service& service = services_[index];
  const double usage =
      std::max(0.02, service.usage + service.usage_spread * random_.normal());
  double cpi = (1.5 - usage) * (1 + service.noise * random_.normal());
  cpi *= 1 + harm(index);
  if (is_slow(service, now_)) cpi *= service.cpi_factor;
  const bool limited = now_ >= service.limited;
  const double wait =
      limited ? 0.6 : kWait * (1 + 0.3 * random_.normal()) + starvation(index);

  Reading& reading = readings_.services[index].reading;
  reading.time = now_;
  reading.counts.resize(1);
  GroupCount& count = reading.counts.front();
  count.cycles += static_cast<std::uint64_t>(kCycles);
  count.instructions += static_cast<std::uint64_t>(kCycles / cpi);
  count.enabled += kWindow;
  const bool counted =
      now_ < service.uncounted_from || now_ >= service.uncounted_until;
  if (counted) count.running += kWindow;
  *reading.cpu_time += times(usage * kHostCpus);
  *reading.waited += times(std::clamp(wait, 0.0, 1.0));
  if (limited) *reading.throttled += times(wait);
}

void World::read_batch() {
  readings_.batch.clear();
  for (const Container& container : containers_) {
    if (!runs(container)) continue;
    WorkloadReading& of = readings_.batch.emplace_back();
    of.workload = "train";
    of.reading.cgroup = container.cgroup;
    of.reading.time = now_;
    of.reading.cpu_time = container.cpu_time;
  }
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
  if (container->refused) return {cgroup, ActionOutcome::Kind::refused, 0};
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
    in_force.throttles.add(throttle);
  }
  return in_force;
}

}  // namespace cpi::sim
