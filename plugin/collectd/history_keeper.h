// The history of the services, kept away from the thread that reads: that one
// writes into memory and makes no system call, a thread of this one's own looks
// once a second and writes the files.
#ifndef CPI_COLLECTD_HISTORY_KEEPER_H_
#define CPI_COLLECTD_HISTORY_KEEPER_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/config.h"
#include "base/log.h"
#include "chronicle.h"
#include "pipeline.h"
#include "store/history_file.h"

namespace cpi {

// Not thread-safe, but for its own thread.
class HistoryKeeper {
 public:
  // `state_dir`: the plugin's; files go to history/ in it. `interval`: the
  // window's length. With StoreConfig::history 0 nothing is kept.
  HistoryKeeper(const Config& config, const std::string& state_dir,
                Duration interval, LogSink log);
  // Writes what is left.
  ~HistoryKeeper();
  HistoryKeeper(const HistoryKeeper&) = delete;

  void latency(const std::string& service, double value) {
    chronicle_.latency(service, value);
  }
  // After every tick.
  void keep(const Tick& tick);

 private:
  void run();
  void write() noexcept;

  Chronicle chronicle_;
  HistoryWriter writer_;
  LogSink log_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;  // none where nothing is kept
};

}  // namespace cpi

#endif  // CPI_COLLECTD_HISTORY_KEEPER_H_
