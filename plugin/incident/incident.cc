#include "incident/incident.h"

namespace cpi {

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::consecutive:
      return "consecutive";
    case Rule::count:
      return "count";
    case Rule::cumulative_sum:
      return "cumulative sum";
  }
  return "unknown";
}

std::string_view to_string(IncidentClass incident_class) {
  switch (incident_class) {
    case IncidentClass::mild:
      return "mild";
    case IncidentClass::strong:
      return "strong";
    case IncidentClass::severe:
      return "severe";
  }
  return "unknown";
}

}  // namespace cpi
