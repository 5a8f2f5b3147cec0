#include "collectd/notices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "collectd/identifier.h"
#include "collectd/text.h"
#include "policy/words.h"

namespace cpi {
namespace {

const char* unit_of(Signal signal) {
  switch (signal) {
    case Signal::cpi:
      return "cycles per instruction";
    case Signal::ns_per_instruction:
      return "ns per instruction";
    case Signal::cpu_wait:
      return "of the time waiting for a CPU";
  }
  return "";
}

// What this tick measured of the victim in the signal of its incident; null
// where it was not measured.
const Finding* finding_of(const Tick& tick, const Why& why) {
  for (const Judgement& judgement : *tick.judgements) {
    const auto& finding = judgement.findings[static_cast<int>(why.signal)];
    if (judgement.sample->cgroup == why.victim && finding) return &*finding;
  }
  return nullptr;
}

// Whether `action` is what the notice is about.
bool concerns(const Action& action, const Notice& notice) {
  if (!(action.why.victim == notice.why.victim)) return false;
  const CgroupId* target = target_of(action.verb);
  switch (notice.kind) {
    case Notice::Kind::harmed:
      return std::holds_alternative<Lower>(action.verb);
    case Notice::Kind::rescheduled:
      return std::holds_alternative<Reschedule>(action.verb) && target &&
             *target == notice.cgroup;
    case Notice::Kind::recovered:
      return false;
  }
  return false;
}

std::optional<Action> action_of(const Tick& tick, const Notice& notice) {
  for (const Action& action : tick.decision->actions) {
    if (concerns(action, notice)) return action;
  }
  return std::nullopt;
}

std::string owner_of(const std::vector<ServiceConfig>& services,
                     const std::string& name) {
  const auto found = std::find_if(
      services.begin(), services.end(),
      [&](const ServiceConfig& service) { return service.name == name; });
  if (found == services.end()) return {};
  return printable(
      fmt::format("{}", fmt::join(found->declaration.owners, ", ")));
}

// The freeze that came with a request to move; null where the host was frozen
// already, or is never.
const Freeze* freeze_of(const Tick& tick) {
  for (const Action& action : tick.decision->actions) {
    if (const auto* freeze = std::get_if<Freeze>(&action.verb)) return freeze;
  }
  return nullptr;
}

double cpus(Millicores quota) { return static_cast<double>(quota) / 1000; }

void add_finding(const Finding& finding, Notification& notification) {
  const Score& score = finding.score;
  notification.metadata.emplace_back(to_string(score.signal), score.value);
  notification.metadata.emplace_back("expected", score.expected);
}

void add_action(const Action& action, Notification& notification) {
  auto& metadata = notification.metadata;
  const std::string would = action.dry_run ? "would " : "";
  metadata.emplace_back("action", would + std::string(name_of(action.verb)));
  metadata.emplace_back("reason", std::string(to_string(action.why.reason)));
  metadata.emplace_back("suspect", target_of(action.verb)->path);
  metadata.emplace_back("workload", action.workload);
  metadata.emplace_back("correlation", action.why.correlation);
  if (const auto* lower = std::get_if<Lower>(&action.verb)) {
    metadata.emplace_back("quota_before", cpus(lower->before));
    metadata.emplace_back("quota_after", cpus(lower->quota));
  }
}

std::string message_of(const Notice& notice, const Finding* finding,
                       const std::optional<Action>& action) {
  const Why& why = notice.why;
  if (notice.kind == Notice::Kind::recovered) {
    return why.service + ": as expected again, nothing is held back any more";
  }
  std::string text = why.service;
  if (why.reason == Reason::own_doing) {
    text += ": it has changed by itself, no batch is to blame";
  } else {
    text += fmt::format(": {}", to_string(harm_of(why.signal)));
  }
  if (finding) {
    text += fmt::format(": {:.3g} {}, expected {:.3g}", finding->score.value,
                        unit_of(why.signal), finding->score.expected);
  }
  text += fmt::format(" ({:+.1f} standard deviations)", why.deviation);
  if (action) text += "; " + describe(*action);
  return text;
}

Alert alert_of(const Notice& notice, const std::optional<Action>& action) {
  switch (notice.kind) {
    case Notice::Kind::harmed:
      return Alert::warning;
    case Notice::Kind::rescheduled:
      // Nothing has failed in a dry run.
      return action && action->dry_run ? Alert::warning : Alert::failure;
    case Notice::Kind::recovered:
      return Alert::okay;
  }
  return Alert::warning;
}

Notification notification_of(const Notice& notice, const Tick& tick,
                             const std::string& owner, bool switched_off) {
  const Why& why = notice.why;
  std::optional<Action> action = action_of(tick, notice);
  if (action && switched_off) action->dry_run = true;
  const bool over = notice.kind == Notice::Kind::recovered;
  const Finding* finding = over ? nullptr : finding_of(tick, why);
  Notification notification;
  notification.alert = alert_of(notice, action);
  notification.instance = identifier("service_" + why.service);
  notification.type_instance = "incident";
  notification.message = message_of(notice, finding, action);
  notification.metadata = {{"service", why.service},
                           {"cgroup", why.victim.path},
                           {"signal", std::string(to_string(why.signal))},
                           {"deviation", why.deviation}};
  if (!owner.empty()) notification.metadata.emplace_back("owner", owner);
  if (finding) add_finding(*finding, notification);
  if (action) add_action(*action, notification);
  const bool moved = notice.kind == Notice::Kind::rescheduled;
  if (const Freeze* freeze = moved ? freeze_of(tick) : nullptr) {
    notification.metadata.emplace_back("freeze_seconds",
                                       to_seconds(freeze->length));
  }
  return notification;
}

}  // namespace

std::vector<Notification> notifications_of(
    const Tick& tick, const std::vector<ServiceConfig>& services,
    bool switched_off) {
  std::vector<Notification> notifications;
  for (const Notice& notice : tick.decision->notices) {
    notifications.push_back(notification_of(
        notice, tick, owner_of(services, notice.why.service), switched_off));
  }
  return notifications;
}

}  // namespace cpi
