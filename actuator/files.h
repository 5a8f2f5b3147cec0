// The helper's own files: read only where nobody but root could have written,
// replaced so that a reader sees the old bytes or the new, never a part.
#ifndef CPI_ACTUATOR_FILES_H_
#define CPI_ACTUATOR_FILES_H_

#include <sys/types.h>

#include <string_view>

#include "base/unique_fd.h"

namespace cpi::actuator {

// Opens an absolute directory when every component of its path is a directory,
// no symbolic link, owned by root and writable by root alone. Invalid with
// errno set otherwise; EPERM stands for an unsafe owner or mode.
[[nodiscard]] UniqueFd open_trusted_directory(const char* path);

// Opens a regular file in `directory` for reading, under the same rules.
[[nodiscard]] UniqueFd open_trusted_file(int directory, const char* name);

// Reads until the end of the file. The number of bytes, or −1 with errno set;
// EFBIG when `size` bytes were not enough.
[[nodiscard]] ssize_t read_all(int fd, char* bytes, std::size_t size);

// Replaces `name` in `directory`: writes a new file of mode 0600, syncs it,
// renames it into place, syncs the directory. False with errno set; the file
// is then the old one or the new one, whole.
[[nodiscard]] bool replace_file(int directory, const char* name,
                                std::string_view bytes);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_FILES_H_
