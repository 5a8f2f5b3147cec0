#include "report/story.h"

#include <algorithm>

namespace cpi {
namespace {

template <class Records>
void cut(Records& records, std::int64_t from_ms, std::int64_t to_ms) {
  std::erase_if(records, [&](const auto& record) {
    return record.time_ms < from_ms || record.time_ms > to_ms;
  });
  std::stable_sort(
      records.begin(), records.end(),
      [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; });
}

}  // namespace

void cut(Story& story) {
  for (ServiceStory& service : story.services) {
    cut(service.history.windows, story.from_ms, story.to_ms);
    cut(service.history.events, story.from_ms, story.to_ms);
  }
}

}  // namespace cpi
