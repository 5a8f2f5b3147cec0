#include "model/key.h"

#include <fmt/format.h>

#include <cmath>

namespace cpi {
namespace {

constexpr double kPunctuality = 0.1;

std::string differ(const char* what, const std::string& model,
                   const std::string& here) {
  if (model.empty() || here.empty() || model == here) return {};
  return fmt::format("{}: {}, here {}", what, model, here);
}

std::string differ(const char* what, double model, double here,
                   double tolerance) {
  if (model <= 0 || here <= 0) return {};
  if (std::abs(model - here) <= tolerance * here) return {};
  return fmt::format("{}: {}, here {}", what, model, here);
}

}  // namespace

std::string difference(const ModelKey& model, const ModelKey& here) {
  for (const std::string& found :
       {differ("CPU model", model.cpu_model, here.cpu_model),
        differ("online CPUs", model.online_cpus, here.online_cpus, 0),
        differ("SMT", model.smt, here.smt),
        differ("events", model.events, here.events),
        differ("window in seconds", to_seconds(model.window),
               to_seconds(here.window), kPunctuality),
        differ("bucket width", model.bucket_width, here.bucket_width, 1e-9),
        differ("CPU wait from", model.wait_source, here.wait_source)}) {
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace cpi
