// Any bytes where the kernel's own are expected: counter groups, lists of
// CPUs, statistics, /proc/PID/cgroup, names of pod folders and selectors.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/cpu_list.h"
#include "counters/event_group.h"
#include "counters/files.h"
#include "counters/process_map.h"
#include "counters/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto group = cpi::parse_group(std::as_bytes(std::span(data, size)), 0);
  if (group && size != 40) std::abort();
  (void)cpi::parse_cpu_list(text);
  (void)cpi::find_number(text, "usage_usec");
  (void)cpi::find_number(text, "");
  (void)cpi::find_pressure(text, "some");
  (void)cpi::find_cgroup(text, {"/c", false, "cpu"});
  (void)cpi::find_cgroup(text, {"/c", true, ""});
  (void)cpi::parse_pod_folder(text);
  (void)cpi::belongs_to_deployment(text, "cart");
  const std::size_t half = size / 2;
  (void)cpi::common_ancestor(text.substr(0, half), text.substr(half));
  const auto glob = cpi::Matcher::compile(
      {cpi::Selector::Kind::glob, "/" + std::string(text.substr(0, half))});
  if (glob) (void)glob->matches("/" + std::string(text.substr(half)), {});
  return 0;
}
