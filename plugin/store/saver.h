// Saves away from the thread that reads: a snapshot is handed over, written
// later. Whoever drives the pipeline gives run() a thread of its own.
#ifndef CPI_STORE_SAVER_H_
#define CPI_STORE_SAVER_H_

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "store/journal.h"
#include "store/model_json.h"

namespace cpi {

// All members may be called from any thread, except as noted.
class Saver {
 public:
  // Models go to `directory`, which must exist; lines to the journal. What
  // goes wrong is complained of once, until it is well again.
  Saver(std::string directory, Journal journal, LogSink log);

  // Takes a snapshot; replaces one of the same service that still waits.
  // Never blocks on the disk.
  void save(ModelFile file);
  // The same of any file: `text` replaces what is at `path`.
  void save(std::string path, std::string text);
  // Beyond ten thousand waiting lines new ones are lost, and counted; so are
  // empty ones, for which there was no memory.
  void record(std::string line);

  // Writes what is handed over until stop(); then what still waits.
  // One thread at a time.
  void run();
  void stop();

 private:
  struct Work {
    std::map<std::string, ModelFile> models;
    std::map<std::string, std::string> files;  // path → text
    std::vector<std::string> lines;
    std::size_t lost = 0;
    [[nodiscard]] bool empty() const {
      return models.empty() && files.empty() && lines.empty();
    }
  };

  void write(const Work& work);
  // An exception would end the thread of run(), and the daemon with it.
  void write_or_complain(const Work& work) noexcept;

  std::string directory_;
  Journal journal_;        // by run() only
  Complaints complaints_;  // by run() only

  std::mutex mutex_;
  std::condition_variable wake_;
  Work waiting_;
  bool stopping_ = false;
};

}  // namespace cpi

#endif  // CPI_STORE_SAVER_H_
