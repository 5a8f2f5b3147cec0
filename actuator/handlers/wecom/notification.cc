#include "actuator/handlers/wecom/notification.h"

#include <fmt/format.h>
#include <jansson.h>

#include <cstdlib>
#include <ctime>

#include "base/utf8.h"

namespace cpi::wecom {
namespace {

// Without control characters, in UTF-8.
std::string clean(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const auto point = take_code_point(text);
    if (!point) {
      text.remove_prefix(1);
      result += '?';
    } else {
      const bool control = *point < U' ' || *point == U'\x7f';
      result += control ? " " : before.substr(0, before.size() - text.size());
    }
  }
  return result;
}

// "<@all>" mentions everybody, "[x](y)" links: neither is ours to pass on.
std::string harmless(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "‹";
        break;
      case '>':
        result += "›";
        break;
      case '[':
        result += "［";
        break;
      case ']':
        result += "］";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// At most so many bytes, between two characters.
std::string fitting(std::string text, std::size_t most) {
  constexpr std::string_view kMore = "…";
  if (text.size() <= most) return text;
  std::size_t end = most - kMore.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  text.resize(end);
  return text += kMore;
}

std::string time_of(const std::string& seconds) {
  const auto time = static_cast<std::time_t>(std::atof(seconds.c_str()));
  std::tm broken{};
  char text[sizeof "2026-11-22 01:02:03 +0800"];
  if (time <= 0 || localtime_r(&time, &broken) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &broken) == 0) {
    return "";
  }
  return text;
}

const char* color_of(const std::string& severity) {
  if (severity == "OKAY") return "info";
  return severity == "WARNING" ? "comment" : "warning";
}

std::string mentions_of(const Notification& notification,
                        const std::vector<Mention>& mentions) {
  const std::string owners = ", " + notification.field("owner") + ", " +
                             notification.field("traffic_owner") + ", ";
  std::string text;
  for (const auto& [owner, user] : mentions) {
    const bool called =
        owner == "*" || owners.find(", " + owner + ", ") != std::string::npos;
    if (called) text += "<@" + user + ">";
  }
  return text;
}

}  // namespace

const std::string& Notification::field(const std::string& name) const {
  static const std::string kNone;
  const auto found = fields.find(name);
  return found == fields.end() ? kNone : found->second;
}

Notification parse_notification(std::string_view text) {
  Notification notification;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) break;
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    notification.fields.emplace(clean(line.substr(0, colon)),
                                clean(line.substr(colon + 2)));
  }
  while (text.ends_with('\n')) text.remove_suffix(1);
  notification.message = clean(text);
  return notification;
}

std::string markdown_of(const Notification& notification,
                        const std::vector<Mention>& mentions) {
  const std::string& severity = notification.field("Severity");
  std::string text =
      fmt::format("<font color=\"{}\">{}</font> {}\n", color_of(severity),
                  harmless(severity), harmless(notification.message));
  const auto add = [&](std::string_view label, std::string value) {
    if (!value.empty()) {
      text += fmt::format("> {}: {}\n", label, harmless(value));
    }
  };
  add("service", notification.field("service"));
  add("value", notification.field("CurrentValue"));
  add("threshold", notification.field("threshold"));
  add("owners", notification.field("owner"));
  add("traffic owner", notification.field("traffic_owner"));
  add("host", notification.field("Host"));
  add("time", time_of(notification.field("Time")));
  const std::string called = mentions_of(notification, mentions);
  const std::size_t room = kMaxContent - std::min(called.size(), kMaxContent);
  return fitting(std::move(text), room) + (room > 0 ? called : "");
}

std::string digest_of(const std::vector<Notification>& held) {
  std::string text =
      fmt::format("{} more notifications were held back:\n", held.size());
  for (const Notification& notification : held) {
    text += fmt::format("> {} {}\n", harmless(notification.field("Severity")),
                        harmless(notification.message));
  }
  return fitting(std::move(text), kMaxContent);
}

std::string json_of(const std::string& markdown) {
  json_t* json = json_pack("{s:s,s:{s:s}}", "msgtype", "markdown", "markdown",
                           "content", markdown.c_str());
  char* text = json ? json_dumps(json, JSON_COMPACT) : nullptr;
  std::string result = text ? text : "";
  std::free(text);
  json_decref(json);
  return result;
}

}  // namespace cpi::wecom
