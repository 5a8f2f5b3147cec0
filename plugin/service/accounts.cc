#include "service/accounts.h"

namespace cpi {

void Accounts::begin(Duration window) {
  seconds_ = to_seconds(window);
  for (auto& [name, account] : accounts_) {
    account.cpus.reset();
    account.memory_bytes.reset();
  }
}

void Accounts::charge(const std::string& name, std::optional<double> cpus,
                      std::optional<double> memory_bytes) {
  Account& account = accounts_[name];
  if (cpus) {
    account.cpus = account.cpus.value_or(0) + *cpus;
    account.cpu_seconds += *cpus * seconds_;
  }
  if (memory_bytes) {
    account.memory_bytes = account.memory_bytes.value_or(0) + *memory_bytes;
    account.memory_byte_seconds += *memory_bytes * seconds_;
  }
}

}  // namespace cpi
