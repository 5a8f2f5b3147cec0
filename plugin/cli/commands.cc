#include "cli/commands.h"

#include <fmt/format.h>

#include <cstdio>

namespace cpi {

int report(const Error& error) {
  fmt::print(stderr, "cpictl: {}\n", error.message());
  return 1;
}

}  // namespace cpi
