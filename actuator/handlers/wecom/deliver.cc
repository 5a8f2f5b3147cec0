#include "actuator/handlers/wecom/deliver.h"

#include <algorithm>

namespace cpi::wecom {
namespace {

using Outcome = Delivery::Outcome;

constexpr double kMinute = 60;
constexpr double kFirstPause = 1;
constexpr double kLongestPause = 300;

// Sends while locked. True: nothing waits.
class Sender {
 public:
  Sender(Spool& spool, const Settings& settings, const World& world)
      : spool_(spool),
        settings_(settings),
        world_(world),
        deadline_(world.now() + settings.patience) {}

  bool run() {
    for (auto names = spool_.waiting(); !names.empty();
         names = spool_.waiting()) {
      if (!wait_for_turn()) return false;
      const Delivery delivery = send(names);
      if (delivery.outcome == Outcome::sent) {
        pause_ = kFirstPause;
        continue;
      }
      world_.log("wecom: " + std::to_string(names.size()) +
                 " notifications wait: " + delivery.why);
      if (delivery.outcome == Outcome::refused || !pause()) return false;
    }
    return true;
  }

 private:
  [[nodiscard]] int room() const {
    const auto sent = spool_.sent(world_.now());
    return settings_.rate - static_cast<int>(sent.size());
  }

  // False: patience ends before the robot takes another.
  bool wait_for_turn() {
    while (room() <= 0) {
      const auto sent = spool_.sent(world_.now());
      const double until =
          *std::min_element(sent.begin(), sent.end()) + kMinute;
      if (until > deadline_) return false;
      world_.sleep(std::max(until - world_.now(), 0.1));
    }
    return true;
  }

  bool pause() {
    if (world_.now() + pause_ > deadline_) return false;
    world_.sleep(pause_);
    pause_ = std::min(pause_ * 2, kLongestPause);
    return true;
  }

  // The oldest; or, with the last message of this minute, all of them.
  Delivery send(const std::vector<std::string>& names) {
    const bool digest = names.size() > 1 && room() == 1;
    std::vector<Notification> notifications;
    for (const std::string& name : names) {
      notifications.push_back(parse_notification(spool_.text_of(name)));
      if (!digest) break;
    }
    const std::string markdown =
        digest ? digest_of(notifications)
               : markdown_of(notifications.front(), settings_.mentions);
    const Delivery delivery = world_.post(json_of(markdown));
    if (delivery.outcome != Outcome::sent) return delivery;
    spool_.note_sent(world_.now());
    if (!digest) {
      spool_.remove(names.front());
    } else {
      for (const std::string& name : names) spool_.hold(name);
    }
    return delivery;
  }

  Spool& spool_;
  const Settings& settings_;
  const World& world_;
  double deadline_;
  double pause_ = kFirstPause;
};

}  // namespace

bool deliver(Spool& spool, const Settings& settings, const World& world) {
  // Who added something while we finished found the lock taken: look again.
  while (!spool.waiting().empty()) {
    if (!spool.lock()) return true;
    const bool done = Sender(spool, settings, world).run();
    spool.unlock();
    if (!done) return false;
  }
  return true;
}

}  // namespace cpi::wecom
