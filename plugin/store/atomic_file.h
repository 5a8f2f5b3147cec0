// A file that is either the old one or the new one, whatever happens while it
// is written.
#ifndef CPI_STORE_ATOMIC_FILE_H_
#define CPI_STORE_ATOMIC_FILE_H_

#include <string>
#include <string_view>

#include "base/result.h"

namespace cpi {

// Replaces `path` by `text`: temporary file beside it, fsync, rename, fsync of
// the directory. Mode 0644. Makes missing directories. Follows no link in
// place of the file and waits for no pipe. One writer per path: temporary
// files of writers that were killed are removed.
Result<> write_atomically(const std::string& path, std::string_view text);

// The same, and what `path` held becomes `path`.1. `path` never stops existing.
Result<> write_keeping_previous(const std::string& path, std::string_view text);

// Renames a file that cannot be used to `path`.damaged, for people to look at.
void set_aside(const std::string& path);

// The whole of a file of at most `max_bytes`; a larger one is refused (EFBIG),
// a pipe as well (0).
Result<std::string> read_file(const std::string& path,
                              std::size_t max_bytes = 16 << 20);

}  // namespace cpi

#endif  // CPI_STORE_ATOMIC_FILE_H_
