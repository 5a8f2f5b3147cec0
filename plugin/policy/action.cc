#include "policy/action.h"

namespace cpi {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::explains:
      return "its CPU use goes with the harm";
    case Reason::probe:
      return "to see whether it helps";
    case Reason::all_together:
      return "to see whether all together help";
    case Reason::known:
      return "known to hurt";
    case Reason::calm:
      return "no harm for a while";
    case Reason::harmless:
      return "it made no difference";
    case Reason::unproven:
      return "its trial ended without a verdict";
    case Reason::allowance:
      return "throttled for long enough";
    case Reason::lease:
      return "the lease ends";
    case Reason::severe:
      return "too severe to adjust";
    case Reason::adjusted_often:
      return "adjusted too often";
    case Reason::too_little:
      return "too little CPU left";
    case Reason::no_remedy:
      return "it explains the harm, less CPU does not end it";
    case Reason::own_doing:
      return "the service itself has changed";
  }
  return "unknown";
}

std::string_view to_string(Harm harm) {
  switch (harm) {
    case Harm::interference:
      return "interference";
    case Harm::starvation:
      return "starvation";
  }
  return "unknown";
}

}  // namespace cpi
