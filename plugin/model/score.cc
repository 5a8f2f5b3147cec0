#include "model/score.h"

namespace cpi {

std::string_view to_string(Signal signal) {
  switch (signal) {
    case Signal::cpi:
      return "cpi";
    case Signal::ns_per_instruction:
      return "ns_per_instruction";
    case Signal::cpu_wait:
      return "cpu_wait";
  }
  return "unknown";
}

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::none:
      return "none";
    case Basis::buckets:
      return "buckets";
    case Basis::line:
      return "line";
    case Basis::nearest:
      return "nearest";
  }
  return "unknown";
}

std::string_view to_string(Learning learning) {
  switch (learning) {
    case Learning::warm_up:
      return "warm-up";
    case Learning::unverified:
      return "unverified";
    case Learning::ready:
      return "ready";
  }
  return "unknown";
}

}  // namespace cpi
