// store/: what survives a restart.
#ifndef CPI_BASE_CONFIG_STORE_H_
#define CPI_BASE_CONFIG_STORE_H_

#include <cstdint>

#include "base/units.h"

namespace cpi {

struct StoreConfig {
  // Models are saved this often, and at shutdown. Longer: a crash loses more.
  Duration save_interval = std::chrono::minutes(10);
  // The journal of anomalies is rotated at this size, bytes; one older file is
  // kept. 0: no journal.
  std::uint64_t journal_size = 16ULL * 1024 * 1024;
  // How far back each service's windows are remembered for cpictl report, at 64
  // bytes each. Longer: larger files, made anew at the next start. 0: no
  // history.
  Duration history = std::chrono::hours(24);

  friend bool operator==(const StoreConfig&, const StoreConfig&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_STORE_H_
