#include "cli/unix_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/unique_fd.h"

namespace cpi {

std::optional<double> parse_getval(std::string_view answer) {
  const auto line = answer.find('\n');
  if (line == std::string_view::npos || answer.starts_with('-')) {
    return std::nullopt;
  }
  const auto equals = answer.find('=', line);
  if (equals == std::string_view::npos) return std::nullopt;
  double value = 0;
  const char* end = answer.data() + answer.size();
  const auto parsed = std::from_chars(answer.data() + equals + 1, end, value);
  if (parsed.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> published_value(const std::string& path,
                                      const std::string& identifier) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{2, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0) {
    return std::nullopt;
  }
  const std::string question = "GETVAL \"" + identifier + "\"\n";
  if (::send(fd.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0) {
    return std::nullopt;
  }
  char answer[4096];
  std::size_t size = 0;
  // "1 Value found" and one line per value.
  while (size < sizeof answer) {
    const ssize_t more =
        ::recv(fd.get(), answer + size, sizeof answer - size, 0);
    if (more <= 0) break;
    size += static_cast<std::size_t>(more);
    const std::string_view text(answer, size);
    const bool refused = text.starts_with('-') && text.ends_with('\n');
    const auto first = text.find('\n');
    if (refused || (first != std::string_view::npos &&
                    text.find('\n', first + 1) != std::string_view::npos)) {
      break;
    }
  }
  return parse_getval({answer, size});
}

}  // namespace cpi
