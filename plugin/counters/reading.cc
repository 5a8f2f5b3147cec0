#include "counters/reading.h"

namespace cpi {

std::string_view to_string(WaitSource source) {
  switch (source) {
    case WaitSource::none:
      return "none";
    case WaitSource::psi:
      return "psi";
    case WaitSource::run_queue_delay:
      return "run-queue delay";
  }
  return "unknown";
}

}  // namespace cpi
