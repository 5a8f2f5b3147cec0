// The setuid helper's replies and its configuration: the one is read from a
// process that may be anything, the other from a file somebody has edited.
#include <cstdlib>
#include <string_view>

#include "actuate/order.h"
#include "store/reply_json.h"

namespace {

// No number that the policy would be surprised by.
void check(const cpi::HelperReply& reply) {
  if (reply.quota && *reply.quota < 0) std::abort();
  if (reply.frozen < cpi::Duration()) std::abort();
  for (const cpi::HelperThrottle& throttle : reply.throttles) {
    if (throttle.quota < 0 || throttle.original < 0) std::abort();
    if (throttle.lease < cpi::Duration()) std::abort();
  }
}

}  // namespace

// The first line is a reply, the rest a configuration.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  const auto reply = cpi::parse_reply(text.substr(0, end));
  if (reply) check(*reply);
  if (end == std::string_view::npos) return 0;
  auto parsed = cpi::parse_allowlist(text.substr(end + 1));
  if (!reply || !parsed) return 0;
  const cpi::Aliases aliases(*std::move(parsed));
  for (const cpi::HelperThrottle& throttle : reply->throttles) {
    const auto path = aliases.path_of(throttle.target);
    if (path) static_cast<void>(aliases.target_of(*path));
  }
  return 0;
}
