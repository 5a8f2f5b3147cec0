// A Dispatcher that keeps what it is given.
#ifndef CPI_TESTS_COLLECTD_RECORDING_DISPATCHER_H_
#define CPI_TESTS_COLLECTD_RECORDING_DISPATCHER_H_

#include <string>
#include <vector>

#include "collectd/dispatcher.h"

namespace cpi {

class RecordingDispatcher final : public Dispatcher {
 public:
  void publish(std::span<const Value> values) override {
    for (const Value& value : values) {
      published.push_back(std::string(value.instance) + "/" +
                          std::string(value.type) + "-" +
                          std::string(value.type_instance));
    }
  }
  void notify(const Notification& notification) override {
    notifications.push_back(notification);
  }

  std::vector<std::string> published;
  std::vector<Notification> notifications;
};

}  // namespace cpi

#endif  // CPI_TESTS_COLLECTD_RECORDING_DISPATCHER_H_
