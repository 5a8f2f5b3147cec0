#include "base/result.h"

#include <system_error>

namespace cpi {

std::string Error::message() const {
  std::string line = what;
  if (code != 0) line += ": " + std::generic_category().message(code);
  if (!remedy.empty()) line += "; " + remedy;
  return line;
}

}  // namespace cpi
