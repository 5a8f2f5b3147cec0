// Event names → perf_event_attr, by libpfm4: "cycles", "ref-cycles",
// "cpu-clock", raw codes ("r00c0") and the names of this CPU's own events.
#ifndef CPI_COUNTERS_EVENT_H_
#define CPI_COUNTERS_EVENT_H_

#include <perfmon/pfmlib_perf_event.h>

#include <string>

#include "base/config.h"
#include "base/result.h"

namespace cpi {

// The two events of every counter group, in the order the group reads them.
struct EventPair {
  perf_event_attr cycles;
  perf_event_attr instructions;
};

// Both user and kernel mode are counted unless the name's own modifiers
// ("cycles:u") say otherwise. Fails with libpfm4's text and, for a name it does
// not know, the nearest names it does.
Result<perf_event_attr> resolve_event(const std::string& name);

// The events of the configuration, laid out for a group: the first leads,
// starts disabled, and a read returns both counts with the times that scale
// them (perf_event_open(2), PERF_FORMAT_GROUP). An error names the option.
Result<EventPair> resolve_events(const CountersConfig& config);

// True for events of the kernel's own (cpu-clock …), which need no PMU.
bool is_software(const perf_event_attr& attr);

// Selects the PMU with this `type` (/sys/bus/event_source/devices/NAME/type)
// for a generic hardware event, where a host has several; others are left as
// they are.
void select_pmu(perf_event_attr& attr, unsigned type);

}  // namespace cpi

#endif  // CPI_COUNTERS_EVENT_H_
