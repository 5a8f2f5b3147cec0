// Text on its way to the daemon. Names of cgroups may hold any byte.
#ifndef CPI_COLLECTD_TEXT_H_
#define CPI_COLLECTD_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace cpi {

// `text` with its control bytes as \xNN: what a cgroup is called can neither
// forge a line of the log nor speak to the terminal that shows it.
std::string printable(std::string_view text);

// The longest beginning of at most `max_bytes` that ends between two
// characters of UTF-8; of other text, those many bytes.
std::string_view cut(std::string_view text, std::size_t max_bytes);

}  // namespace cpi

#endif  // CPI_COLLECTD_TEXT_H_
