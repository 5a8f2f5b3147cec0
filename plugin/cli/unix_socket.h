// collectd's unixsock plugin: what another plugin published last.
#ifndef CPI_CLI_UNIX_SOCKET_H_
#define CPI_CLI_UNIX_SOCKET_H_

#include <optional>
#include <string>
#include <string_view>

namespace cpi {

// The value of "HOST/PLUGIN-INSTANCE/TYPE-INSTANCE" (totals as rates per
// second), asked of the daemon that listens on `path`; absent where nobody
// answers, or there is no such series.
std::optional<double> published_value(const std::string& path,
                                      const std::string& identifier);

// The first value of an answer to GETVAL.
std::optional<double> parse_getval(std::string_view answer);

}  // namespace cpi

#endif  // CPI_CLI_UNIX_SOCKET_H_
