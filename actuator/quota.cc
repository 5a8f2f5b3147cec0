#include "actuator/quota.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace cpi::actuator {
namespace {

constexpr std::int64_t kLeastQuotaUs = 1000;

struct Files {
  const char* quota;
  const char* period;  // nullptr: the second number in `quota`
  const char* burst;   // absent before Linux 5.14
  std::string_view unlimited;
  bool refuses_larger_descendants;
};

constexpr Files kV1 = {"cpu.cfs_quota_us", "cpu.cfs_period_us",
                       "cpu.cfs_burst_us", "-1", true};
constexpr Files kV2 = {"cpu.max", nullptr, "cpu.max.burst", "max", false};

const Files& files_of(int version) { return version == 1 ? kV1 : kV2; }

int read_number(const UniqueFd& cgroup, const char* file,
                std::int64_t* number) {
  Value value{};
  int error = read_value(cgroup, file, &value);
  if (error != 0) return error;
  return to_number(value.view(), number) ? 0 : EIO;
}

// "QUOTA" on v1, "QUOTA PERIOD" on v2.
int parse_quota(const Files& files, const Value& value, Quota* quota) {
  std::string_view word = value.view();
  std::size_t space = word.find(' ');
  bool two = space != std::string_view::npos;
  if (two == (files.period != nullptr)) return EIO;
  if (two) {
    std::string_view second = word;
    second.remove_prefix(space + 1);
    if (!to_number(second, &quota->period_us)) return EIO;
    word.remove_suffix(word.size() - space);
  }
  quota->quota_us = kUnlimited;
  if (word == files.unlimited) return 0;
  return to_number(word, &quota->quota_us) && quota->quota_us > 0 ? 0 : EIO;
}

int write_quota(const Files& files, const UniqueFd& cgroup,
                const Quota& quota) {
  Value value = to_value(quota.quota_us);
  if (quota.quota_us == kUnlimited && !value.assign(files.unlimited))
    return EIO;
  if (files.period == nullptr &&
      (!value.append(" ") || !value.append(to_value(quota.period_us).view())))
    return EIO;
  return write_value(cgroup, files.quota, value);
}

// A removed descendant keeps its quota for some milliseconds, and for so long
// the kernel refuses to go below it.
template <class Write>
int patiently(Write write) {
  constexpr timespec kPause{0, 5'000'000};
  constexpr int kTries = 40;
  int error = write();
  for (int i = 0; error == EINVAL && i < kTries; ++i) {
    ::nanosleep(&kPause, nullptr);
    error = write();
  }
  return error;
}

}  // namespace

std::int64_t quota_of(std::int64_t millicores, std::int64_t period_us) {
  return std::max(millicores * period_us / 1000, kLeastQuotaUs);
}

std::int64_t millicores_of(const Quota& quota) {
  if (quota.quota_us == kUnlimited) return 0;
  return quota.quota_us * 1000 / quota.period_us;
}

bool is_less(std::int64_t a_us, std::int64_t b_us) {
  if (a_us == kUnlimited) return false;
  return b_us == kUnlimited || a_us < b_us;
}

std::int64_t burst_under(std::int64_t quota_us, const Quota& original) {
  if (quota_us == kUnlimited) return original.burst_us;
  return std::min(quota_us, original.burst_us);
}

bool refuses_larger_descendants(int version) {
  return files_of(version).refuses_larger_descendants;
}

int read_quota(int version, const UniqueFd& cgroup, Quota* quota) {
  const Files& files = files_of(version);
  *quota = {};
  Value value{};
  int error = read_value(cgroup, files.quota, &value);
  if (error == 0 && files.period != nullptr)
    error = read_number(cgroup, files.period, &quota->period_us);
  if (error == 0) error = parse_quota(files, value, quota);
  if (error != 0) return error;
  if (quota->period_us <= 0) return EIO;
  error = read_number(cgroup, files.burst, &quota->burst_us);
  return error == ENOENT ? 0 : error;
}

int probe_quota(int version, const UniqueFd& cgroup) {
  return probe_value(cgroup, files_of(version).quota);
}

int change_quota(int version, const UniqueFd& cgroup, const Quota& wanted) {
  const Files& files = files_of(version);
  Quota held{};
  if (int error = read_quota(version, cgroup, &held)) return error;
  // A burst may not exceed the quota: down before it, up after it.
  auto write_burst = [&] {
    return write_value(cgroup, files.burst, to_value(wanted.burst_us));
  };
  int error = 0;
  if (wanted.burst_us < held.burst_us) error = patiently(write_burst);
  if (error == 0 && wanted.quota_us != held.quota_us)
    error = patiently([&] { return write_quota(files, cgroup, wanted); });
  if (error == 0 && wanted.burst_us > held.burst_us)
    error = patiently(write_burst);
  if (error == 0) error = read_quota(version, cgroup, &held);
  if (error != 0) return error;
  return held == wanted ? 0 : EIO;
}

}  // namespace cpi::actuator
