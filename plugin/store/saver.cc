#include "store/saver.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "store/atomic_file.h"

namespace cpi {
namespace {

constexpr std::size_t kMaxLines = 10'000;

}  // namespace

Saver::Saver(std::string directory, Journal journal, LogSink log)
    : directory_(std::move(directory)),
      journal_(std::move(journal)),
      complaints_(std::move(log)) {}

void Saver::save(ModelFile file) {
  const std::lock_guard lock(mutex_);
  const std::string service = file.service;
  waiting_.models.insert_or_assign(service, std::move(file));
  wake_.notify_one();
}

void Saver::save(std::string path, std::string text) {
  const std::lock_guard lock(mutex_);
  waiting_.files.insert_or_assign(std::move(path), std::move(text));
  wake_.notify_one();
}

void Saver::record(std::string line) {
  const std::lock_guard lock(mutex_);
  if (line.empty() || waiting_.lines.size() >= kMaxLines) {
    ++waiting_.lost;
    return;
  }
  waiting_.lines.push_back(std::move(line));
  wake_.notify_one();
}

void Saver::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Work work = std::exchange(waiting_, {});
    lock.unlock();
    write_or_complain(work);
    lock.lock();
  }
}

void Saver::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wake_.notify_all();
}

void Saver::write_or_complain(const Work& work) noexcept try {
  std::string why = "unknown exception";
  try {
    write(work);
    return;
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
  }
  complaints_.raise("thread", Severity::error,
                    "something is not saved: " + why);
} catch (...) {
  // No memory even to say so.
}

void Saver::write(const Work& work) {
  for (const auto& [service, file] : work.models) {
    if (const auto saved = save_model(directory_, file); !saved) {
      complaints_.raise("model " + service, Severity::error,
                        "the model of " + service +
                            " is not saved: " + saved.error().message());
    } else {
      complaints_.settle("model " + service,
                         "the model of " + service + " is saved again");
    }
  }
  for (const auto& [path, text] : work.files) {
    if (const auto saved = write_atomically(path, text); !saved) {
      complaints_.raise(path, Severity::error, saved.error().message());
    } else {
      complaints_.settle(path, path + " is saved again");
    }
  }
  std::size_t lost = work.lost;
  std::string why = "too many at once, or no memory";
  for (const std::string& line : work.lines) {
    if (const auto written = journal_.append(line); !written) {
      ++lost;
      why = written.error().message();
    }
  }
  if (lost > 0) {
    complaints_.raise("journal", Severity::warning,
                      "the journal loses anomalies: " + why);
  } else if (!work.lines.empty()) {
    complaints_.settle("journal", "the journal is complete again");
  }
  complaints_.settle("thread", "everything is saved again");
}

}  // namespace cpi
