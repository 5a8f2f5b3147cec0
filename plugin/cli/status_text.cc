#include "cli/status_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iterator>
#include <utility>

namespace cpi {
namespace {

double cpus(Millicores quota) { return static_cast<double>(quota) / 1000; }

std::string clock_time(double wall_s) {
  const auto time = static_cast<std::time_t>(std::llround(wall_s));
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(time));
}

std::string span(Duration duration) {
  const double seconds = to_seconds(duration);
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

class Text {
 public:
  explicit Text(const StatusFacts& facts) : facts_(facts) {}

  std::string all() {
    if (!facts_.state) {
      say("{}\n", facts_.state.error().message());
    } else if (facts_.state->boot_id != facts_.boot_id) {
      say("The plugin has not run since this host was started.\n");
    } else {
      say_mode(*facts_.state);
      say_throttles(*facts_.state);
      say_cases(*facts_.state);
    }
    say_incidents();
    say_models();
    say_helper();
    return std::move(text_);
  }

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format,
                   std::forward<Args>(args)...);
  }
  [[nodiscard]] std::string at(Instant instant) const {
    return clock_time(facts_.wall_s + to_seconds(instant - facts_.now));
  }

  void say_mode(const StateFile& file) {
    say("{}\n", file.act ? "Acting." : "Only saying what it would do (Act).");
    if (facts_.now < file.state.frozen_until) {
      say("{} to new batch containers until {}.\n",
          file.act ? "Closed" : "Would be closed", at(file.state.frozen_until));
    }
  }

  void say_throttles(const StateFile& file) {
    say("\n{}:\n", file.act ? "Throttled" : "Would be throttled");
    int live = 0;
    for (const Throttle& throttle : file.state.throttles) {
      // The helper's timer has taken it back; nobody was there to write it.
      if (throttle.leased_until <= facts_.now) continue;
      ++live;
      say("  {} at {:.3g} of {:.3g} CPUs: {}\n", throttle.cgroup.path,
          cpus(throttle.quota), cpus(throttle.start),
          to_string(throttle.reason));
      say("    for {}, since {}, until {} unless renewed\n",
          throttle.victim.path, at(throttle.since), at(throttle.leased_until));
    }
    if (live == 0) say("  nothing\n");
  }

  void say_cases(const StateFile& file) {
    say("\nHarmed:\n");
    for (const Case& one : file.state.cases) {
      say("  {} ({}): {}, {:+.1f} standard deviations\n", one.service,
          one.victim.path, to_string(harm_of(one.signal)), one.deviation);
      const bool own_doing =
          std::any_of(one.inquiries.begin(), one.inquiries.end(),
                      [](const Inquiry& inquiry) { return inquiry.own_doing; });
      say("    since {}, last seen {}{}\n", at(one.began), at(one.harmed),
          own_doing ? "; it has changed by itself" : "");
    }
    if (file.state.cases.empty()) say("  nobody\n");
  }

  void say_incidents() {
    say("\nLatest incidents:\n");
    for (const JournalEntry& entry : facts_.incidents) {
      say("  {}  {} {}: {}{}, {:+.1f} standard deviations, × {:.2f}\n",
          clock_time(entry.time_s), entry.service,
          to_string(entry.score.signal),
          entry.event == JournalEntry::Event::recovery ? "over, " : "",
          entry.incident_class, entry.deviation, entry.excess);
    }
    if (facts_.incidents.empty()) say("  none\n");
  }

  void say_models() {
    say("\nModels:\n");
    for (const ModelFacts& model : facts_.models) {
      if (model.saved_s <= 0) {
        say("  {}: none saved yet\n", model.service);
        continue;
      }
      say("  {}: {:.0f} samples of {}, saved {} ago\n", model.service,
          model.samples, span(model.observed),
          span(from_seconds(std::max(0.0, facts_.wall_s - model.saved_s))));
    }
    if (facts_.models.empty()) say("  no services are configured\n");
  }

  void say_helper() {
    if (!facts_.helper) {
      say("\nHelper: {}\n", facts_.helper.error().message());
      return;
    }
    const HelperReply& helper = *facts_.helper;
    say("\nHelper: holds {} throttles{}", helper.throttles.size(),
        helper.disabled ? ", is switched off (kill switch)" : "");
    if (helper.budget_left) say(", {} changes left", *helper.budget_left);
    if (helper.frozen > Duration{}) {
      say("; frozen for {}, by {}", span(helper.frozen), helper.enforced);
    }
    say("\n");
    for (const HelperThrottle& throttle : helper.throttles) {
      say("  {} at {:.3g} CPUs for {}{}\n", throttle.target,
          cpus(throttle.quota), span(throttle.lease),
          throttle.state == LiveThrottle::State::ours ? "" : ", changed since");
    }
  }

  const StatusFacts& facts_;
  std::string text_;
};

}  // namespace

std::string status_text(const StatusFacts& facts) { return Text(facts).all(); }

}  // namespace cpi
