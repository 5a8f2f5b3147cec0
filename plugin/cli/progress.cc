#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace cpi {
namespace {

constexpr int kWidth = 30;

}  // namespace

Progress::Progress(std::string what)
    : Progress(std::move(what), std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(double share) {
  if (std::chrono::steady_clock::now() - begin_ < kPatience) return;
  if (isatty(STDERR_FILENO) != 0) {
    shown_ = true;
    const int done = static_cast<int>(kWidth * share);
    fmt::print(stderr, "\r{} [{:#>{}}{:.>{}}] {:.0f} %\x1b[K", what_, "", done,
               "", kWidth - done, 100 * share);
    std::fflush(stderr);
    return;
  }
  const int tenths = static_cast<int>(10 * share);
  if (tenths <= tenths_) return;
  tenths_ = tenths;
  fmt::print(stderr, "{}: {} %\n", what_, 10 * tenths);
}

}  // namespace cpi
