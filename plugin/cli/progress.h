// What is done of work that takes its time, on standard error.
#ifndef CPI_CLI_PROGRESS_H_
#define CPI_CLI_PROGRESS_H_

#include <chrono>
#include <string>
#include <utility>

namespace cpi {

// Shows nothing for the first two seconds. Then, on a terminal, a bar that
// replaces itself and is cleared when this is destroyed; elsewhere, a line for
// every tenth done.
class Progress {
 public:
  static constexpr std::chrono::seconds kPatience{2};

  explicit Progress(std::string what);
  // Work that has begun before. For tests.
  Progress(std::string what, std::chrono::steady_clock::time_point begin)
      : what_(std::move(what)), begin_(begin) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `share`: of the work that is done, 0…1.
  void show(double share);

 private:
  std::string what_;
  std::chrono::steady_clock::time_point begin_;
  bool shown_ = false;
  int tenths_ = 0;  // told in lines
};

}  // namespace cpi

#endif  // CPI_CLI_PROGRESS_H_
