#include "collectd/duty_cycle.h"

#include <exception>

#include "collectd/api.h"

namespace cpi {

Result<> DutyCycle::start(Duration count_time, std::function<void()> pause) {
  if (count_time <= Duration{0}) return {};
  count_time_ = count_time;
  pause_ = std::move(pause);
  // Not std::thread: the daemon's own gives the thread the plugin's context.
  pthread_t thread{};
  const int error = plugin_thread_create(&thread, run, this, "cpi pause");
  if (error != 0) return fail(error, "start the thread for CountTime");
  thread_ = thread;
  return {};
}

void DutyCycle::stop() {
  if (!thread_) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  pthread_join(*thread_, nullptr);
  thread_.reset();
}

void* DutyCycle::run(void* self) noexcept {
  static_cast<DutyCycle*>(self)->loop();
  return nullptr;
}

void DutyCycle::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!due_) {
      changed_.wait(lock);
    } else if (changed_.wait_until(lock, *due_) == std::cv_status::timeout &&
               due_ && std::chrono::steady_clock::now() >= *due_) {
      // The second look: a read may have moved the time while we woke up.
      due_.reset();
      pause();
    }
  }
}

// Without this pause the counters run on until the next read, which is
// harmless.
void DutyCycle::pause() noexcept {
  try {
    pause_();
  } catch (const std::exception& error) {
    plugin_log(LOG_ERR, "cpi plugin: pause: %s", error.what());
  } catch (...) {
    plugin_log(LOG_ERR, "cpi plugin: pause: unknown exception");
  }
}

DutyCycle::Read::Read(DutyCycle& cycle) : cycle_(cycle), lock_(cycle.mutex_) {
  cycle_.due_.reset();
}

DutyCycle::Read::~Read() {
  if (!cycle_.thread_) return;
  cycle_.due_ = std::chrono::steady_clock::now() + cycle_.count_time_;
  lock_.unlock();
  cycle_.changed_.notify_one();
}

}  // namespace cpi
