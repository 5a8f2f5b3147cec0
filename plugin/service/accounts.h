// What pools and businesses use of this host: CPU time and memory over time,
// for accounting their cost.
#ifndef CPI_SERVICE_ACCOUNTS_H_
#define CPI_SERVICE_ACCOUNTS_H_

#include <map>
#include <optional>
#include <string>

#include "base/units.h"

namespace cpi {

// Running sums never fall while the agent lives; a part that was not measured
// is not in them.
struct Account {
  // Of the last tick. Absent when nothing was measured in it.
  std::optional<double> cpus;
  std::optional<double> memory_bytes;
  // Running sums.
  double cpu_seconds = 0;
  double memory_byte_seconds = 0;
};

class Accounts {
 public:
  // Begins a tick that lasted `window`.
  void begin(Duration window);
  // One replica's use, on the account of `name`.
  void charge(const std::string& name, std::optional<double> cpus,
              std::optional<double> memory_bytes);

  // Every account that was ever charged.
  [[nodiscard]] const std::map<std::string, Account>& all() const {
    return accounts_;
  }

 private:
  double seconds_ = 0;
  std::map<std::string, Account> accounts_;
};

}  // namespace cpi

#endif  // CPI_SERVICE_ACCOUNTS_H_
