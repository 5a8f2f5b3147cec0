// The history of services on the disk: three rings each in a directory.
//
//   SERVICE.windows   the last 24 h (StoreConfig::history), 64 bytes each
//   SERVICE.events    the last 2,048, 512 bytes each
//   SERVICE.totals    400 days of quarters of an hour, 32 bytes each
//
// 2.8 MB per service at windows of 10 s, reserved when the first is written.
// Names are spelled as those of models are (model_path).
#ifndef CPI_STORE_HISTORY_FILE_H_
#define CPI_STORE_HISTORY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/units.h"
#include "store/history.h"
#include "store/ring_file.h"

namespace cpi {

// Names of the services that have a history here, sorted. Empty where there is
// no such directory.
std::vector<std::string> services_with_history(const std::string& directory);

// What is there of one service, though part of it be missing, torn or another
// version's; `remarks` then says so. Values that no plugin writes are left out.
ServiceHistory read_history(const std::string& directory,
                            const std::string& service);

// Writes histories. One thread hands over, one writes; neither waits for the
// other, and handing over makes no system call: whoever meets the other at the
// door tries again the next time.
class HistoryWriter {
 public:
  // Records in a ring.
  struct Size {
    std::uint32_t windows = 8640;
    std::uint32_t events = 2048;
    std::uint32_t totals = 400 * 96;
  };
  // `services`: their positions are what the members below call a service.
  HistoryWriter(const std::string& directory,
                const std::vector<std::string>& services, const Size& size,
                LogSink log);

  // The thread that reads: takes all that is on the page, or nothing where the
  // other thread is just looking; then it may be given again with more on it.
  // While nothing is written for long, the newest are lost. REQUIRES:
  // positions below services.size().
  void hand_over(HistoryPage& page);

  // The thread that writes: writes what was handed over. What cannot be written
  // is lost, and complained of once.
  void write();

 private:
  struct Files {
    std::string service;
    RingFile windows;
    RingFile events;
    RingFile totals;
    TotalRecord quarter;  // the newest in its ring
  };

  Result<> write(std::size_t service);
  Result<> write_total(Files& files, const TotalRecord& total);
  void tell(Files& files, const Result<>& written);

  std::mutex mutex_;
  HistoryPage waiting_;
  HistoryPage writing_;  // by the thread that writes, as all below
  std::vector<Files> files_;
  Complaints complaints_;
};

}  // namespace cpi

#endif  // CPI_STORE_HISTORY_FILE_H_
