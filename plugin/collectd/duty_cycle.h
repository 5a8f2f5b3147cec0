// `CountTime`: counting only in the first part of every interval. Each read
// starts the counters (the collector does); a thread of ours stops them.
#ifndef CPI_COLLECTD_DUTY_CYCLE_H_
#define CPI_COLLECTD_DUTY_CYCLE_H_

#include <pthread.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "base/units.h"

namespace cpi {

class DutyCycle {
 public:
  DutyCycle() = default;
  DutyCycle(const DutyCycle&) = delete;
  DutyCycle& operator=(const DutyCycle&) = delete;
  ~DutyCycle() { stop(); }

  // Starts the thread, which calls `pause` `count_time` after each read. With
  // a count_time of 0 there is no thread and nothing ever pauses.
  // REQUIRES: called once, and not before the daemon has forked. `pause`
  // stays callable until stop(); what it throws is logged.
  Result<> start(Duration count_time, std::function<void()> pause);

  // Joins the thread. Harmless when there is none.
  void stop();

  // While this lives nothing pauses, and a pause that was due is not made up
  // for: its window is over. Dropping it schedules the next one.
  class Read {
   public:
    explicit Read(DutyCycle& cycle);
    Read(const Read&) = delete;
    Read& operator=(const Read&) = delete;
    ~Read();

   private:
    DutyCycle& cycle_;
    std::unique_lock<std::mutex> lock_;
  };

 private:
  static void* run(void* self) noexcept;
  void loop();
  void pause() noexcept;

  Duration count_time_{};
  std::function<void()> pause_;
  std::optional<pthread_t> thread_;
  std::mutex mutex_;  // held during reads and pauses
  std::condition_variable changed_;
  std::optional<Instant> due_;  // guarded by mutex_
  bool stopping_ = false;       // guarded by mutex_
};

}  // namespace cpi

#endif  // CPI_COLLECTD_DUTY_CYCLE_H_
