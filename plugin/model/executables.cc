#include "model/executables.h"

#include <algorithm>
#include <utility>

namespace cpi {

bool Executables::meet(const std::string& executable) {
  if (executable.empty()) return false;
  const auto found = std::find(known_.begin(), known_.end(), executable);
  if (found != known_.end()) {
    std::rotate(found, found + 1, known_.end());
    return false;
  }
  const bool is_new = !known_.empty();
  if (known_.size() == kMost) known_.erase(known_.begin());
  known_.push_back(executable);
  return is_new;
}

void Executables::restore(std::vector<std::string> known) {
  known_ = std::move(known);
  if (known_.size() > kMost) {
    known_.erase(known_.begin(),
                 known_.end() - static_cast<std::ptrdiff_t>(kMost));
  }
}

}  // namespace cpi
