#include "counters/host.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace cpi {
namespace {

// "cpu user nice system idle iowait irq softirq steal …", in ticks (proc(5)).
constexpr int kStealField = 7;

std::optional<std::uint64_t> steal_ticks(std::string_view stat) {
  if (!stat.starts_with("cpu ")) return std::nullopt;
  stat = stat.substr(0, stat.find('\n'));
  stat.remove_prefix(4);
  for (int field = 0;; ++field) {
    while (stat.starts_with(' ')) stat.remove_prefix(1);
    const std::size_t end = std::min(stat.find(' '), stat.size());
    if (end == 0) return std::nullopt;
    if (field == kStealField) return parse_number(stat.substr(0, end));
    stat.remove_prefix(end);
  }
}

Duration from_ticks(std::uint64_t ticks) {
  static const long per_second = ::sysconf(_SC_CLK_TCK);
  return Duration(std::chrono::seconds(1)) / per_second *
         static_cast<long>(ticks);
}

}  // namespace

Result<Host> Host::open(const std::string& proc, const std::string& sys) {
  Host host;
  auto online = KeptFile::open(sys + "/devices/system/cpu/online");
  if (!online) return fail(online);
  host.online_file_ = *std::move(online);
  if (auto stat = KeptFile::open(proc + "/stat")) host.stat_ = *std::move(stat);
  host.read_online();
  if (host.online_.empty()) {
    return fail(0, "read the online CPUs from " + sys);
  }
  return host;
}

HostReading Host::read(Instant now) {
  read_online();
  HostReading reading;
  reading.time = now;
  reading.online_cpus = static_cast<int>(online_.size());
  if (stat_) {
    if (const auto text = stat_->read(buffer_)) {
      if (const auto ticks = steal_ticks(*text)) {
        reading.steal = from_ticks(*ticks);
      }
    }
  }
  return reading;
}

void Host::read_online() {
  const auto text = online_file_->read(buffer_);
  if (!text || *text == online_text_) return;
  auto cpus = parse_cpu_list(*text);
  if (!cpus || cpus->empty()) return;
  online_text_ = *text;
  online_ = *std::move(cpus);
}

std::vector<CorePmu> core_pmus(const std::string& sys) {
  std::vector<CorePmu> pmus;
  std::error_code ignored;
  const std::filesystem::directory_iterator devices(
      sys + "/bus/event_source/devices", ignored);
  for (const auto& device : devices) {
    const std::string path = device.path().string();
    // PMUs outside the cores have a "cpumask" instead.
    const auto cpus = read_file(path + "/cpus");
    const auto type = read_file(path + "/type");
    if (!cpus || !type) continue;
    const auto list = parse_cpu_list(*cpus);
    const auto number = parse_number(*type);
    if (!list || list->empty() || !number) continue;
    pmus.push_back({device.path().filename().string(),
                    static_cast<unsigned>(*number), *list});
  }
  std::sort(pmus.begin(), pmus.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return pmus;
}

}  // namespace cpi
