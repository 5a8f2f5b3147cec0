// Sends what waits, the oldest first: not faster than the robot takes it, again
// where it failed, and nothing is dropped: what is beyond the rate is told of
// in a digest and kept.
#ifndef CPI_WECOM_DELIVER_H_
#define CPI_WECOM_DELIVER_H_

#include <functional>
#include <string>

#include "actuator/handlers/wecom/settings.h"
#include "actuator/handlers/wecom/spool.h"
#include "actuator/handlers/wecom/webhook.h"

namespace cpi::wecom {

struct World {
  std::function<Delivery(const std::string& body)> post;
  std::function<double()> now;        // wall clock, seconds
  std::function<void(double)> sleep;  // seconds
  std::function<void(const std::string&)> log;
};

// Until nothing waits, or settings.patience is over, or the robot refuses; then
// the rest stays for the next call. Whether nothing is left to this caller:
// while somebody else sends, that one takes over what was added. A refused
// message stays as well: the URL may be mended.
bool deliver(Spool& spool, const Settings& settings, const World& world);

}  // namespace cpi::wecom

#endif  // CPI_WECOM_DELIVER_H_
