#include "collectd/alarms.h"

namespace cpi {

void Alarms::report(const std::string& key, const Notification& notification) {
  const auto known = raised_.find(key);
  const Alert before = known == raised_.end() ? Alert::okay : known->second;
  if (notification.alert == before) return;
  if (notification.alert == Alert::okay) {
    raised_.erase(known);
  } else {
    raised_[key] = notification.alert;
  }
  dispatcher_.notify(notification);
}

}  // namespace cpi
