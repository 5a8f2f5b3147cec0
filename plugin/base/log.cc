#include "base/log.h"

namespace cpi {

void Complaints::raise(const std::string& key, Severity severity,
                       const std::string& text) {
  auto [entry, is_new] = raised_.try_emplace(key, text);
  if (!is_new && entry->second == text) return;
  entry->second = text;
  sink_(severity, text);
}

void Complaints::settle(const std::string& key, const std::string& text) {
  if (raised_.erase(key) > 0) sink_(Severity::info, text);
}

}  // namespace cpi
