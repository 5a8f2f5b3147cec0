// Notifications that wait. A file each, so that nothing is lost whatever ends
// when; names sort by arrival.
//
//   DIR/new/    to be sent         DIR/held/   told of in a digest only
//   DIR/lock    who sends          DIR/sent    when the last ones were sent
#ifndef CPI_WECOM_SPOOL_H_
#define CPI_WECOM_SPOOL_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace cpi::wecom {

class Spool {
 public:
  // At most so many are kept in held/; the oldest go.
  static constexpr std::size_t kMostHeld = 1000;

  // Makes the directories.
  static Result<Spool> open(const std::string& directory);

  // On disk when it returns.
  Result<> add(std::string_view text);
  // Names of what waits, the oldest first.
  [[nodiscard]] std::vector<std::string> waiting() const;
  // "" where it is gone.
  [[nodiscard]] std::string text_of(const std::string& name) const;
  void remove(const std::string& name);
  void hold(const std::string& name);

  // Becomes the one who sends; false while somebody else is.
  bool lock();
  void unlock() { lock_.reset(); }

  // Wall-clock seconds of what was sent within the last minute before `now`.
  // REQUIRES: locked.
  [[nodiscard]] std::vector<double> sent(double now) const;
  void note_sent(double now);

 private:
  explicit Spool(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
  UniqueFd lock_;
  unsigned added_ = 0;
};

}  // namespace cpi::wecom

#endif  // CPI_WECOM_SPOOL_H_
