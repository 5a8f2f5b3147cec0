// A line on standard error for work that takes its time.
#ifndef CPI_CLI_PROGRESS_H_
#define CPI_CLI_PROGRESS_H_

#include <chrono>
#include <string>
#include <utility>

namespace cpi {

// Shows nothing for the first two seconds, then one line that replaces itself;
// only where standard error is a terminal. Clears it when destroyed.
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
};

}  // namespace cpi

#endif  // CPI_CLI_PROGRESS_H_
