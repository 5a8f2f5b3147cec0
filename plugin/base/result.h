// The error convention of the whole project: a function that can fail returns
// Result<T>. An Error says what was tried, why it failed and what the operator
// can do about it. Exceptions never carry errors between our own functions;
// those of libraries stop where we call the library.
#ifndef CPI_BASE_RESULT_H_
#define CPI_BASE_RESULT_H_

#include <string>
#include <tl/expected.hpp>

namespace cpi {

struct Error {
  // The errno of the failed system call; 0 where none was involved.
  int code = 0;
  // What was tried and on what: "open /sys/fs/cgroup/x/cpu.stat".
  std::string what;
  // What the operator can do: "raise LimitNOFILE to 12800". May be empty.
  std::string remedy;

  // One line for a log: "WHAT: STRERROR; REMEDY".
  [[nodiscard]] std::string message() const;
};

template <class T = void>
using Result = tl::expected<T, Error>;

// return fail(errno, "open " + path, "is the hierarchy mounted?");
inline tl::unexpected<Error> fail(int code, std::string what,
                                  std::string remedy = {}) {
  return tl::make_unexpected(Error{code, std::move(what), std::move(remedy)});
}

// Passes on the error of another result.
template <class T>
tl::unexpected<Error> fail(const tl::expected<T, Error>& failed) {
  return tl::make_unexpected(failed.error());
}

}  // namespace cpi

#endif  // CPI_BASE_RESULT_H_
