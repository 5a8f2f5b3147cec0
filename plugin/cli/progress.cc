#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace cpi {
Progress::Progress(std::string what)
    : Progress(std::move(what), std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(double share) {
  if (std::chrono::steady_clock::now() - begin_ < kPatience) return;
  if (isatty(STDERR_FILENO) == 0) return;
  shown_ = true;
  fmt::print(stderr, "\r{}: {:.0f} %\x1b[K", what_, 100 * share);
  std::fflush(stderr);
}

}  // namespace cpi
