#include "sample/sample.h"

namespace cpi {

std::string_view to_string(NoSample reason) {
  switch (reason) {
    case NoSample::first_reading:
      return "first reading";
    case NoSample::no_time_passed:
      return "no time passed";
    case NoSample::cgroup_replaced:
      return "cgroup replaced";
    case NoSample::cpu_count_changed:
      return "CPU count changed";
  }
  return "unknown";
}

std::string_view to_string(Withheld reason) {
  switch (reason) {
    case Withheld::not_counted:
      return "not counted";
    case Withheld::counters_reopened:
      return "counters reopened";
    case Withheld::idle:
      return "idle";
    case Withheld::not_scheduled:
      return "not scheduled";
    case Withheld::running_ratio_too_low:
      return "running ratio too low";
    case Withheld::too_few_instructions:
      return "too few instructions";
    case Withheld::implausible:
      return "implausible";
  }
  return "unknown";
}

std::string_view to_string(WaitCause cause) {
  switch (cause) {
    case WaitCause::none:
      return "none";
    case WaitCause::limit:
      return "limit";
    case WaitCause::steal:
      return "steal";
    case WaitCause::contention:
      return "contention";
  }
  return "unknown";
}

}  // namespace cpi
