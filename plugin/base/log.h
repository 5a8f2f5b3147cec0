// Messages for the operator. A stage that meets the outside world receives a
// LogSink; the pure middle has none. No message repeats every interval: what
// can go wrong again and again goes through Complaints.
#ifndef CPI_BASE_LOG_H_
#define CPI_BASE_LOG_H_

#include <functional>
#include <string>
#include <unordered_map>

namespace cpi {

enum class Severity { info, warning, error };

// Writes one line. May be called from any thread; must not throw.
using LogSink = std::function<void(Severity, const std::string&)>;

// Says each thing once: when it begins, when its text changes, and when it is
// over. Not thread-safe.
class Complaints {
 public:
  explicit Complaints(LogSink sink) : sink_(std::move(sink)) {}

  // Logs `text` unless it is what `key` said last.
  void raise(const std::string& key, Severity severity,
             const std::string& text);
  // The thing named `key` is well again: logs `text` as info if it was raised.
  void settle(const std::string& key, const std::string& text);
  // Forgets a key whose subject no longer exists, silently.
  void forget(const std::string& key) { raised_.erase(key); }

 private:
  LogSink sink_;
  std::unordered_map<std::string, std::string> raised_;  // key → last text
};

}  // namespace cpi

#endif  // CPI_BASE_LOG_H_
