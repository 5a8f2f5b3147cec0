// The one owner of a file descriptor in this project. Everything opened is
// opened with O_CLOEXEC (or the call's own equivalent): the plugin starts a
// setuid helper, which must inherit nothing.
#ifndef CPI_BASE_UNIQUE_FD_H_
#define CPI_BASE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace cpi {

class UniqueFd {
 public:
  UniqueFd() = default;
  // Takes ownership of `fd`; a negative value owns nothing.
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  // Closes what is owned and owns `fd` instead. close(2) is not retried: Linux
  // frees the descriptor even when it reports EINTR.
  void reset(int fd = -1) {
    int old = std::exchange(fd_, fd);
    if (old >= 0 && old != fd) ::close(old);
  }

 private:
  int fd_ = -1;
};

}  // namespace cpi

#endif  // CPI_BASE_UNIQUE_FD_H_
