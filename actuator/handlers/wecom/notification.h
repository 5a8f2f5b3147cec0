// What collectd's exec plugin writes for a NotificationExec program, and what a
// WeCom group robot is told of it.
#ifndef CPI_WECOM_NOTIFICATION_H_
#define CPI_WECOM_NOTIFICATION_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cpi::wecom {

struct Notification {
  // "Severity", "Host", "Time", … and the metadata: "owner", "threshold". Where
  // a name occurs twice the first counts, which the daemon wrote itself.
  std::map<std::string, std::string> fields;
  std::string message;

  // "" where there is no such field.
  [[nodiscard]] const std::string& field(const std::string& name) const;
};

// "NAME: VALUE" lines, an empty one, the message (collectd-exec(5)). Takes any
// bytes; control characters become blanks.
Notification parse_notification(std::string_view text);

// Who is called by what name: an owner as declared, or "*" for everything, and
// a user's id at WeCom.
struct Mention {
  std::string owner;
  std::string user;
};

// A message holds at most so many bytes of Markdown (WeCom's limit).
inline constexpr std::size_t kMaxContent = 4096;

// Service, what, threshold, owners, host and time. What others wrote can
// neither mention anybody nor link anywhere.
std::string markdown_of(const Notification& notification,
                        const std::vector<Mention>& mentions);

// In place of several: how many, and as many first lines as fit.
std::string digest_of(const std::vector<Notification>& held);

// The request's body.
std::string json_of(const std::string& markdown);

}  // namespace cpi::wecom

#endif  // CPI_WECOM_NOTIFICATION_H_
